"""A run as a notebook shows it: headline, numbers and figures in a frame of their own."""

from typing import Final

from markupsafe import Markup

from reports import theme, wording
from reports.content import SweepContent
from reports.outputs.figure_files import drawn_sections
from reports.outputs.summary import summarise
from reports.pages import document
from reports.study_content import StudyContent

HEIGHT: Final = 640  # pixels; more can be scrolled to

# The frame keeps the page's style from the notebook's and the notebook's from the page's; with an
# empty sandbox nothing in it can run a script, open a window or reach the notebook.
FRAME: Final = Markup(
    '<iframe srcdoc="{page}" sandbox="" title="{title}" height="{height}" '
    'style="width:100%;border:0"></iframe>'
)


def render_notebook(content: SweepContent | StudyContent) -> str:
    """Write what a notebook shows of a run.

    Args:
        content: A sweep or a study, finished or not.

    Returns:
        One ``iframe`` element that holds its whole document, the same for the same content.
    """
    summary = summarise(content)
    values = {"summary": summary, "sections": drawn_sections(content)}
    page = document.render("notebook.html", values, {}, inks=theme.SWEEP_INKS, style="notebook.css")
    title = f"fitgap {summary.kind}: {wording.clean(summary.title)}"
    return str(FRAME.format(page=page, title=title, height=HEIGHT))
