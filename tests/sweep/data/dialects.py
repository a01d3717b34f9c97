"""Tables as text of many dialects, whole and damaged, and what a reader should make of each."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file, and the names and rows in it; or the words of its refusal, where rows is empty."""

    text: str | bytes
    names: str = ""
    rows: tuple[str, ...] = ()  # cells divided by a bar, missing ones empty
    told: str = ""  # what the warnings or the refusal have to say
    header: bool | None = None

    @property
    def data(self) -> bytes:
        return self.text.encode() if isinstance(self.text, str) else self.text


def read(text, names, *rows, told="", header=None):
    return Case(text=text, names=names, rows=rows, told=told, header=header)


def refuse(text, told, header=None):
    return Case(text=text, told=told, header=header)


LONG = "".join(f"{n},{n % 7},{'uv'[n % 2]}\n" for n in range(500))
LONG_ROWS = tuple(f"{n}|{n % 7}|{'uv'[n % 2]}" for n in range(500))

CASES = {
    # dialects
    "comma": read("a,b\n1,x\n2,y\n", "a|b", "1|x", "2|y"),
    "semicolon": read("a;b\n1,5;x\n2,5;y\n", "a|b", "1,5|x", "2,5|y"),
    "tab": read("a\tb\n1\tx, z\n2\ty\n", "a|b", "1|x, z", "2|y"),
    "bar": read("a|b\n1|x\n2|y\n", "a|b", "1|x", "2|y"),
    "spaces": read("a  b   c\n1  2   x\n10 20  y\n", "a|b|c", "1|2|x", "10|20|y"),
    "spaces around": read("  a b\n  1 x \n 22 y\n", "a|b", "1|x", "22|y"),
    "spaces and tabs": read(
        '18.0   8   70\t"chevrolet chevelle"\n15.0   8   71\t"buick skylark"\n',
        "column 1|column 2|column 3|column 4",
        "18.0|8|70|chevrolet chevelle", "15.0|8|71|buick skylark", told="--no-header",
    ),
    "spaces in cells": read("a,b\nx y,1 2\nz w,3 4\n", "a|b", "x y|1 2", "z w|3 4"),
    "one column of texts": read("name\nJohn Lee\nMary Day\n", "name", "John Lee", "Mary Day"),
    "decimal commas, two columns": read("a;b\n1;2,5\n2;3,5\n", "a|b", "1|2,5", "2|3,5"),
    "sep=": read("sep=;\na;b\n1;2,5\n", "a|b", "1|2,5", told="line 1 names the separator"),
    "sep= quoted, CR LF": read('"sep=;"\r\na;b\r\n1;2\r\n', "a|b", "1|2", told="line 1"),
    "apostrophes": read("'a','b'\n'1','x, y'\n'2','z'\n", "a|b", "1|x, y", "2|z"),
    "two separators": refuse("a,b;c,d\n1,2;3,4\n5,6;7,8\n", "',' and ';' divide every record"),
    "two separators, told": read("sep=,\na,b;c,d\n1,2;3,4\n", "a|b;c|d", "1|2;3|4", told="line 1"),
    # quotes
    "quotes": read('a,b\n"x, ""y""",2\n', "a|b", 'x, "y"|2'),
    "line ends in quotes": read('a,b\n"two\nlines",1\nx,2\n', "a|b", "two\nlines|1", "x|2"),
    "space before quotes": read('"name", "sex"\n"John, B", "m"\n', "name|sex", "John, B|m"),
    "space behind quotes": read('"name" ,"sex"\n"John, B" , "m" \n', "name|sex", "John, B|m"),
    "inches": read('a,b\n5" pipe,1\n6" pipe,2\n', "a|b", '5" pipe|1', '6" pipe|2'),
    "backslashes before quotes": read('a,b\n"say \\"x, y\\"",1\nz,2\n', "a|b",
                                      'say "x, y"|1', "z|2"),
    "a stray quote and its counterpart": read('a,b\n1,2\n3,"4\n5,6\n7,8"\n9,0\n', "a|b",
                                              "1|2", "3|4\n5,6\n7,8", "9|0",
                                              told="line 3: a cell goes over lines that look like"),
    "empty quotes": read('a,b\n"",1\nx,""\n', "a|b", "|1", "x|"),
    "unclosed quote": refuse('a,b\n1,2\n3,"4\n5,6\n7,8\n', "line 3: a quote"),
    "unclosed quote, another later": refuse('a,b\n1,2\n3,"4\n5,6\n7,"8"\n', "line 3: text follows"),
    "nothing but a quote": refuse('"', "line 1: a quote"),
    "text behind a quote": refuse('a,b\n1,"2"x\n', "line 2: text follows"),
    "unclosed quote in a long table": refuse(
        "a,b,y\n" + "".join(LONG.splitlines(keepends=True)[:101]) + '7,"8,u\n' + LONG, "line 103: a"
    ),
    # headers
    "header ends with a separator": read("a,b,y,\n1,2,u\n3,4,v\n", "a|b|y", "1|2|u", "3|4|v",
                                         told="only the header ends"),
    "rows end with a separator": read("a,b\n1,x,\n2,y,\n", "a|b", "1|x", "2|y",
                                      told="every row ends with a separator"),
    "rows end with separators": read("a,b\n1,x,,\n2,y,,\n", "a|b", "1|x", "2|y",
                                     told="every row ends with a separator"),
    "header ends with separators": read("a,b,,\n1,x\n2,y\n", "a|b", "1|x", "2|y", told="only the"),
    "all end with a separator": read("a,b,\n1,x,\n2,y,\n", "a|b", "1|x", "2|y",
                                     told="no value, left out: 'column 3'"),
    "row labels of pandas": read(",a,target\n0,5,u\n1,6,v\n", "Unnamed: 0|a|target",
                                 "0|5|u", "1|6|v", told="no name, called apart: 'Unnamed: 0'"),
    "row labels of R": read('"","a"\n"x",5\n"y",6\n', "Unnamed: 0|a", "x|5", "y|6"),
    "write.table": read('"a" "y"\n"1" 5.1 "u v"\n"2" 4.9 "w"\n', "Unnamed: 0|a|y",
                        "1|5.1|u v", "2|4.9|w", told="row labels"),
    "write.table, one column": read('"y"\n"a" 1\n"b" 2\n', "Unnamed: 0|y", "a|1", "b|2"),
    "printed by R": read("    a b\n1 1.5 x\n2 2.5 y\n10  3 z\n", "Unnamed: 0|a|b",
                         "1|1.5|x", "2|2.5|y", "10|3|z"),
    "a name too few": refuse("a,b\n5,1,2\n5,3,4\n", "are no row labels; name every column"),
    "a name missing": read("a,,c\n1,2,3\n4,5,6\n", "a|Unnamed: 1|c", "1|2|3", "4|5|6",
                           told="'Unnamed: 1'"),
    "names twice": read("a,b,a\n1,2,3\n", "a|b|a.1", "1|2|3", told="apart: 'a.1'"),
    "names thrice, taken": read("a,a,a.1\n1,2,3\n", "a|a.2|a.1", "1|2|3"),
    "no header, numbers": read("1,85,66,29,0\n8,183,64,0,1\n1,89,66,23,0\n",
                               "column 1|column 2|column 3|column 4|column 5",
                               "1|85|66|29|0", "8|183|64|0|1", "1|89|66|23|0", told="--no-header"),
    "no header, iris": read("5.1,3.5,setosa\n4.9,3.0,setosa\n7.0,3.2,virginica\n",
                            "column 1|column 2|column 3",
                            "5.1|3.5|setosa", "4.9|3.0|setosa", "7.0|3.2|virginica", told="line 1"),
    "no header, letters": read("p,x,s,x\ne,x,s,x\np,b,s,y\ne,x,s,y\n",
                               "column 1|column 2|column 3|column 4",
                               "p|x|s|x", "e|x|s|x", "p|b|s|y", "e|x|s|y", told="line 1"),
    "no header, dates": read("2020-01-01,3\n2020-01-02,4\n", "column 1|column 2",
                             "2020-01-01|3", "2020-01-02|4", told="line 1"),
    "no header, said": read("a,b\nc,d\n", "column 1|column 2", "a|b", "c|d", header=False),
    "a header, said": read("5,6\n7,8\n", "5|6", "7|8", header=True),
    "years as names": read("country,2019,2020\nFrance,3.5,4.5\nSpain,5.5,6\n", "country|2019|2020",
                           "France|3.5|4.5", "Spain|5.5|6", told="say --no-header if"),
    "places as names": read("0,1,2\n5.1,3.5,1.4\n4.9,3.0,1.4\n", "0|1|2",
                            "5.1|3.5|1.4", "4.9|3.0|1.4", told="say --no-header if"),
    "numbers as names behind row labels": read(",142,145\n9.4,0,0\n9.5,0,1\n", "Unnamed: 0|142|145",
                                               "9.4|0|0", "9.5|0|1", told="say --no-header if"),
    "names, partly numbers": read("150,4,setosa\n5.1,3.5,0\n4.9,3.0,0\n", "150|4|setosa",
                                  "5.1|3.5|0", "4.9|3.0|0", told="say --no-header if"),
    "apostrophes and spaces": read("'a' 'b c'\n1 2.5\n2 3.5\n", "a|b c", "1|2.5", "2|3.5"),
    "texts only": read("city,colour\nRome,red\nParis,blue\n", "city|colour",
                       "Rome|red", "Paris|blue"),
    "titles": read("Sales of 2020\n\na,b,c\n1,2,u\n3,4,v\n", "a|b|c", "1|2|u", "3|4|v",
                   told="line 1 is no row"),
    "titles of a spreadsheet": read("Sales,,\n,,\na,b,c\n1,2,u\n", "a|b|c", "1|2|u", told="line 1"),
    "header only": refuse("a,b\n", "has a header and no rows"),
    "nothing": refuse("", "is empty"),
    "blank lines only": refuse("\n \n\n", "is empty"),
    # lines that are no rows
    "comments above": read("# made by hand\n# on Monday, early\na,b,c\n1,2,u\n", "a|b|c", "1|2|u",
                           told="2 lines left out, a comment .lines 1, 2"),
    "comments between": read("a,b,c\n1,2,u\n# half\n3,4,v\n% end\n", "a|b|c", "1|2|u", "3|4|v",
                             told="lines 3, 5"),
    "comment above, of as many cells": read("# x, y, z\na,b,c\n1,2,u\n", "a|b|c", "1|2|u",
                                            told="line 1 is no row"),
    "header as a comment": read("# a,b,y\n1,2,3\n4,5,6\n", "a|b|y", "1|2|3", "4|5|6",
                                told="read as the header"),
    "cells that begin as comments": read("a,b\n#1,x\n#2,y\n", "a|b", "#1|x", "#2|y"),
    "blank lines": read("\na,b\n\n1,x\n   \n2,y\n\n", "a|b", "1|x", "2|y"),
    "separators at the end": read("a;b\n1;x\n;y\n;\n;\n", "a|b", "1|x", "|y",
                                  told="2 lines left out.*lines 4, 5"),
    "separators between": read("a,b,c\n1,2,x\n,,\n3,4,y\n", "a|b|c", "1|2|x", "||", "3|4|y"),
    # lines that do not fit
    "a cell too many": refuse("a,b\n1,2\n1,2,3\n4,5\n", "line 3: 3 cells where the"),
    "a cell too few": refuse("a,b,c\n1,2,x\n1,2\n4,5,y\n", "line 3: 2 cells where the"),
    "a long table, one cell too few": refuse(
        "a,b,y\n" + LONG + "7,8\n" + LONG, "line 502: 2 cells where the header has 3"
    ),
    "a title of two cells": refuse("Sales,2020\na,b,c\n1,2,x\n", "line 1: 2 names where every row"),
    "thousands without quotes": refuse("a,b\n1,200\n1,300,5\n1,5\n", "line 3: 3 cells"),
    "a long table": read("a,b,y\n" + LONG, "a|b|y", *LONG_ROWS),
    # bytes
    "mark of UTF-8": read(b"\xef\xbb\xbfa,b\n1,\xc3\xa9\n", "a|b", "1|é"),
    "mark and damage": refuse(b"\xef\xbb\xbfa,b\n1,\xc3\xa9\n2,\xc3\n", "line 3 is not UTF-8"),
    "mark and quotes": read(b'\xef\xbb\xbf"a","b"\n1,x\n', "a|b", "1|x"),
    "UTF-16": read("a\tb\n1\té\n".encode("utf-16"), "a|b", "1|é", told="UTF-16"),
    "Windows-1252": read("a,b\nMüller,5 €\nJosé,6\n".encode("cp1252"), "a|b",
                         "Müller|5 €", "José|6", told="line 2 is not UTF-8.*'Müller'"),
    "Cyrillic": refuse(b"a,b\n\xcc\xee\xf1\xea\xe2\xe0,5\n", "line 2 is not UTF-8"),
    "damaged UTF-8": refuse(b"a,b\n1,caf\xc3\xa9\n2,caf\xc3\n", "line 3 is not UTF-8"),
    "NUL": refuse("a,b\n1,2\n3,\0\n", "line 3 holds a NUL byte"),
    "CR LF": read("a,b\r\n1,x\r\n2,y\r\n", "a|b", "1|x", "2|y"),
    "CR": read("a,b\r1,x\r2,y\r", "a|b", "1|x", "2|y"),
    "mixed line ends": read("a,b\r\n1,x\n2,y\r3,z", "a|b", "1|x", "2|y", "3|z"),
    "no last line end": read("a,b\n1,x", "a|b", "1|x"),
    "words for missing": read("a,b\nNA,1\nNone,2\nnull,3\n,4\n", "a|b",
                              "NA|1", "None|2", "null|3", "|4"),
    "leading zeros": read("zip,n\n00123,1\n01001,2\n", "zip|n", "00123|1", "01001|2"),
}  # fmt: skip
