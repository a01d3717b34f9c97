"""What is told of a run outside its page: Markdown, JSON, facts for gates, figures as files."""
