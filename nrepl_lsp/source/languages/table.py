"""The languages that are known, as data."""

from .record import Language, Lexical, StringSyntax, many

_ESCAPED = many(r"[^\"\\]++|\\.")
_STRING = StringSyntax('"', _ESCAPED, '"')

_CLOJURE_BREAKS = r"\s\ufeff,()\[\]{}\"@;^`~\\"
_CLOJURE_LEXICAL = Lexical(
    space=r"\s\ufeff,",
    comment=r";[^\n\r]*+|\#![^\n\r]*+",
    strings=(StringSyntax('#?"', _ESCAPED, '"', behind='"'),),
    character=r"\\(?:\w++|.)",
    discard=r"\#_",
    prefix=(
        r"['`@]|~@?|\#'|\#=|\#\#|\#\?@?|\#::?[^" + _CLOJURE_BREAKS + r"]*+"
        r"|\#(?=[^\W\d])[^" + _CLOJURE_BREAKS + r"]++|\#(?=[(\[{])"
    ),
    double_prefix=r"\#?\^",
    breaks=_CLOJURE_BREAKS,
    special=r"\";\\\#",
    number=r"[+-]?\d",
)

CLOJURE = Language(
    id="clojure",
    family="clojure",
    language_ids=(
        *("clojure", "clojurescript", "clojurec", "clojuredart", "babashka", "jank", "joker"),
        *("clojure-ts", "clojurescript-ts", "clojurec-ts"),
    ),
    extensions=(".clj", ".cljs", ".cljc", ".cljd", ".cljr", ".bb", ".jank", ".joke"),
    fence="clojure",
    lexical=_CLOJURE_LEXICAL,
    namespace_forms=("ns", "in-ns"),
    comment_forms=("comment",),
    trigger_characters=(".", "/", ":"),
)

BASILISP = Language(
    id="basilisp",
    family="clojure",
    language_ids=("basilisp", "lpy"),
    extensions=(".lpy",),
    fence="clojure",
    lexical=_CLOJURE_LEXICAL,
    namespace_forms=("ns", "in-ns"),
    comment_forms=("comment",),
    trigger_characters=(".", "/", ":"),
)

EDN = Language(
    id="edn",
    family="clojure",
    language_ids=("edn",),
    extensions=(".edn",),
    fence="clojure",
    lexical=_CLOJURE_LEXICAL,
    trigger_characters=(":", "/"),
)

_HY_BREAKS = r"\s\ufeff()\[\]{}\";'`~"
# A field of an f-string holds Hy code, strings and braces included; deeper than this is given up.
_HY_FIELD_STRING = rf"\"{_ESCAPED}(?:\"|\\?\Z)"
_HY_FIELD = many(rf"[^{{}}\"]++|{_HY_FIELD_STRING}")
for _ in range(3):
    _HY_FIELD = many(rf"[^{{}}\"]++|{_HY_FIELD_STRING}|\{{{_HY_FIELD}(?:\}}|\Z)")
# Stands before the quote of an f-string: its letters, which are not the end of a symbol.
_HY_FORMATTED = rf"(?:(?<=[fF])(?<![^{_HY_BREAKS}].)|(?<=[fF][rR]|[rR][fF])(?<![^{_HY_BREAKS}]..))"
HY = Language(
    id="hy",
    family="hy",
    language_ids=("hy", "hylang"),
    extensions=(".hy",),
    fence="hy",
    lexical=Lexical(
        comment=r";[^\n\r]*+|\A\#![^\n\r]*+",
        strings=(
            StringSyntax(
                '(?:[fF][rR]?|[rR][fF])"',
                many(rf"[^\"\\{{]++|\\.|\{{\{{|\{{{_HY_FIELD}(?:\}}|\Z)"),
                '"',
                behind=_HY_FORMATTED + '"',
            ),
            StringSyntax(
                '(?:[bB][rR]?|[rR][bB]?)?"', _ESCAPED, '"', behind=f'(?!{_HY_FORMATTED})"'
            ),
            # Not Hy: what a bracket string looks like before its second bracket has been typed.
            StringSyntax(r"\#\[[^\[\]]*+\]", "", ""),
            StringSyntax(
                r"\#\[(?P<tag>[^\[\]]*+)\[", ".*?", r"\](?P=tag)\]", cut=r"\#\[[^\[\]]*+(?:\[|\Z)"
            ),
        ),
        discard=r"\#_",
        prefix=rf"['`]|~@?|\#\*\*?|\#(?=[({{])|\#[^{_HY_BREAKS}]++",
        double_prefix=r"\#\^",
        breaks=_HY_BREAKS,
        special=r"\";\#",
        number=r"[+-]?\.?\d[\w.,+-]*\Z",
    ),
    trigger_characters=(".", ":"),
)

_FENNEL_BREAKS = r"\s\ufeff()\[\]{}\";'`,"
FENNEL = Language(
    id="fennel",
    family="fennel",
    language_ids=("fennel",),
    extensions=(".fnl", ".fnlm"),
    fence="fennel",
    lexical=Lexical(
        comment=r";[^\n\r]*+|\A\#![^\n\r]*+",
        strings=(_STRING,),
        prefix=rf"['`,]|\#(?=[(\[{{\"]|[^{_FENNEL_BREAKS}])",
        breaks=_FENNEL_BREAKS,
        special=r"\";\#",
        number=r"[+-]?\.?\d[\w.+-]*\Z",
    ),
    namespace_forms=("module",),
    comment_forms=("comment",),
    trigger_characters=(".", ":"),
)

_SCHEME_BREAKS = r"\s\ufeff()\[\]{}\";'`,"
_SCHEME_NUMBER = r"[+-]?(?:\d+(?:/\d+)?|\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?(?:[+-][\d.]*i)?\Z"
# Guile's script header runs to a line `!#`; other Schemes know the first line only.
_SCHEME_SCRIPT_LINES = many(r"(?!!\#)[^\n]*+\n", "+")
_SCHEME_SCRIPT = rf"\A\ufeff?\#!(?:{_SCHEME_SCRIPT_LINES}!\#|[ /][^\n\r]*+)"
_SCHEME_LEXICAL = Lexical(
    comment=rf";[^\n\r]*+|{_SCHEME_SCRIPT}|\#(?:lang|!lang)[ \t][^\n\r]*+",
    block_comment=True,
    strings=(
        StringSyntax('(?:#(?:rx|px)?#?)?"', _ESCAPED, '"', behind='"'),
        StringSyntax(
            r"\#<<(?P<here>[^\r\n]*+)\r?\n",
            ".*?",
            r"(?<=\n)(?P=here)(?=[\r\n]|\Z)",
            cut=r"\#<<[^\n]*+(?:\n|\Z)",
        ),
    ),
    character=r"\#\\(?:[^\W_]++|.)",
    discard=r"\#;",
    prefix=r"['`]|,@?|\#['`&]|\#,@?|\#[~$+]@?(?=[^\s)\]}])|\#\d+=|\#\w*+(?=[(\[{])",
    breaks=_SCHEME_BREAKS,
    quoted=r"\\.|\|[^|]*+(?:\||\Z)",
    literal=rf"\#[^{_SCHEME_BREAKS}|\\]++",
    special=r"\";\#|\\",
    number=_SCHEME_NUMBER,
    keyword=r"\#:|[^:]++:\Z|:[^:]",
)

SCHEME = Language(
    id="scheme",
    family="scheme",
    language_ids=("scheme", "guile", "r7rs"),
    extensions=(".scm", ".ss", ".sld", ".sls", ".sps"),
    fence="scheme",
    lexical=_SCHEME_LEXICAL,
    namespace_forms=("define-module",),
    module_forms=("define-library", "library"),
)

RACKET = Language(
    id="racket",
    family="racket",
    language_ids=("racket",),
    extensions=(".rkt", ".rktl", ".rktd"),
    fence="racket",
    lexical=_SCHEME_LEXICAL,
    module_forms=("module", "module+", "module*"),
    trigger_characters=(":",),
)

_LISP_BREAKS = r"\s\ufeff()\";'`,"
COMMON_LISP = Language(
    id="commonlisp",
    family="commonlisp",
    language_ids=("commonlisp", "common-lisp", "common_lisp", "lisp"),
    extensions=(".lisp", ".lsp", ".cl", ".asd"),
    fence="lisp",
    lexical=Lexical(
        brackets=("()",),
        comment=r";[^\n\r]*+|\A\#![^\n\r]*+",
        block_comment=True,
        strings=(_STRING,),
        character=r"\#\\(?:[^\W_][\w-]*+|.)",
        prefix=r"['`]|,[@.]?|\#['.]|\#\d+=|\#\d*[A-Za-z]?(?=\()|\#[pP](?=\")",
        double_prefix=r"\#[+-]",
        breaks=_LISP_BREAKS,
        quoted=r"\\.|\|" + many(r"[^|\\]++|\\.") + r"(?:\||\\?\Z)",
        literal=rf"\#[^{_LISP_BREAKS}|\\]++",
        special=r"\";\#|\\",
        number=_SCHEME_NUMBER,
        keyword=r"\#?:",
    ),
    namespace_forms=("in-package",),
    trigger_characters=(":",),
)

JANET = Language(
    id="janet",
    family="janet",
    language_ids=("janet", "janet-simple"),
    extensions=(".janet", ".jdn"),
    fence="janet",
    line_comment="#",
    lexical=Lexical(
        comment=r"\#[^\n\r]*+",
        strings=(_STRING, StringSyntax(r"(?P<ticks>`++)", ".*?", r"(?P=ticks)", cut="`")),
        prefix=r"['~,;|]|@(?=[(\[{\"`])",
        breaks=r"\s\ufeff()\[\]{}\"'`;,~|\#",
        special=r"\"\#`",
        number=r"[+-]?\.?\d[\w.:&+-]*\Z",
    ),
    comment_forms=("comment",),
    trigger_characters=("/", ":"),
)

PLAIN = Language(
    id="plaintext",
    family="plain",
    language_ids=("plaintext", "text", "plain"),
    extensions=(".txt",),
    line_comment="",
)

LANGUAGES = (
    *(CLOJURE, BASILISP, EDN, HY, FENNEL, SCHEME, RACKET, COMMON_LISP, JANET),
    PLAIN,
)
