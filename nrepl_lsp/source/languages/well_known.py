"""What people call the namespaces, classes and vars that come with a language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .record import Language
from .table import BASILISP, CLOJURE

__all__ = ["WELL_KNOWN", "WellKnown", "well_known"]


@dataclass(frozen=True, slots=True)
class WellKnown:
    """
    aliases: alias → the namespaces it mostly stands for, all of which come with the language.
    libraries: alias → namespaces that exist only where a library is. classes: short name → full
    name. vars: name → its namespace. java_only: namespaces that ClojureScript has not.
    """

    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    libraries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    vars: Mapping[str, str] = field(default_factory=dict)
    java_only: frozenset[str] = frozenset()


_JAVA = {
    "java.io": "BufferedReader ByteArrayInputStream ByteArrayOutputStream File FileInputStream "
    "FileNotFoundException FileOutputStream IOException InputStream OutputStream PushbackReader "
    "StringReader StringWriter",
    "java.math": "RoundingMode",
    "java.net": "HttpURLConnection InetAddress ServerSocket Socket URI URL URLDecoder URLEncoder",
    "java.nio.charset": "Charset StandardCharsets",
    "java.nio.file": "Files Path Paths",
    "java.text": "DecimalFormat SimpleDateFormat",
    "java.time": "Duration Instant LocalDate LocalDateTime LocalTime OffsetDateTime Period ZoneId "
    "ZoneOffset ZonedDateTime",
    "java.time.format": "DateTimeFormatter",
    "java.time.temporal": "ChronoUnit",
    "java.util": "ArrayList Arrays Base64 Calendar Collection Collections Comparator Date HashMap "
    "HashSet Iterator LinkedHashMap LinkedList List Locale Map Objects Optional PriorityQueue "
    "Properties Random Scanner Set TimeZone TreeMap UUID",
    "java.util.concurrent": "ConcurrentHashMap CountDownLatch ExecutionException Executors "
    "ExecutorService LinkedBlockingQueue ThreadLocalRandom TimeUnit TimeoutException",
    "java.util.concurrent.atomic": "AtomicBoolean AtomicInteger AtomicLong AtomicReference",
    "java.util.concurrent.locks": "ReentrantLock",
    "java.util.function": "BiFunction Consumer Function Predicate Supplier",
    "java.util.regex": "Matcher Pattern",
    "java.util.zip": "GZIPInputStream GZIPOutputStream ZipEntry ZipInputStream",
    "java.security": "MessageDigest SecureRandom",
}

_TESTS = ("are", "deftest", "deftest-", "is", "testing", "use-fixtures")

_CLOJURE = WellKnown(
    aliases={
        "data": ("clojure.data",),
        "edn": ("clojure.edn",),
        "gen": ("clojure.spec.gen.alpha",),
        "inspector": ("clojure.inspector",),
        "io": ("clojure.java.io",),
        "math": ("clojure.math",),
        "pp": ("clojure.pprint",),
        "pprint": ("clojure.pprint",),
        "r": ("clojure.core.reducers",),
        "reducers": ("clojure.core.reducers",),
        "repl": ("clojure.repl",),
        "s": ("clojure.spec.alpha", "clojure.string"),
        "set": ("clojure.set",),
        "sh": ("clojure.java.shell",),
        "shell": ("clojure.java.shell",),
        "spec": ("clojure.spec.alpha",),
        "st": ("clojure.spec.test.alpha",),
        "stest": ("clojure.spec.test.alpha",),
        "str": ("clojure.string",),
        "string": ("clojure.string",),
        "t": ("clojure.test",),
        "test": ("clojure.test",),
        "w": ("clojure.walk",),
        "walk": ("clojure.walk",),
        "xml": ("clojure.xml",),
        "z": ("clojure.zip",),
        "zip": ("clojure.zip",),
    },
    java_only=frozenset(
        ("clojure.inspector", "clojure.java.io", "clojure.java.shell", "clojure.xml")
    ),
    libraries={
        "a": ("clojure.core.async",),
        "async": ("clojure.core.async",),
        "cli": ("clojure.tools.cli",),
        "csv": ("clojure.data.csv",),
        "d": ("datomic.api",),
        "fs": ("babashka.fs", "me.raynes.fs"),
        "http": ("clj-http.client", "babashka.http-client"),
        "ig": ("integrant.core",),
        "jdbc": ("next.jdbc", "clojure.java.jdbc"),
        "json": ("clojure.data.json", "cheshire.core", "jsonista.core"),
        "log": ("clojure.tools.logging",),
        "m": ("malli.core",),
        "p": ("babashka.process", "promesa.core"),
        "prop": ("clojure.test.check.properties",),
        "r": ("reagent.core",),
        "rf": ("re-frame.core",),
        "sql": ("honey.sql",),
        "tc": ("clojure.test.check",),
        "yaml": ("clj-yaml.core",),
    },
    classes={
        name: f"{package}.{name}" for package, names in _JAVA.items() for name in names.split()
    },
    vars=dict.fromkeys(_TESTS, "clojure.test"),
)

_BASILISP = WellKnown(
    aliases={
        "data": ("basilisp.data",),
        "edn": ("basilisp.edn",),
        "io": ("basilisp.io",),
        "json": ("basilisp.json",),
        "pp": ("basilisp.pprint",),
        "pprint": ("basilisp.pprint",),
        "set": ("basilisp.set",),
        "sh": ("basilisp.shell",),
        "shell": ("basilisp.shell",),
        "str": ("basilisp.string",),
        "string": ("basilisp.string",),
        "test": ("basilisp.test",),
        "url": ("basilisp.url",),
        "walk": ("basilisp.walk",),
    },
    vars=dict.fromkeys(("are", "deftest", "is", "testing", "use-fixtures"), "basilisp.test"),
)

WELL_KNOWN: Mapping[str, WellKnown] = {CLOJURE.id: _CLOJURE, BASILISP.id: _BASILISP}
"""Language id → what is well known there."""


def well_known(language: Language) -> WellKnown:
    """What is well known in a language; nothing for most."""
    return WELL_KNOWN.get(language.id, WellKnown())
