"""nrepl-lsp.el by itself: compiled, read by checkdoc, and told things by a server that is none."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .editor import Missing
from .unpacked_emacs import UnpackedEmacs

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "editors" / "emacs" / "nrepl-lsp.el"

pytestmark = pytest.mark.timeout(120)

#: A server of the plugin's class on a pipe that nobody reads, and what has been said.
ALONE = """\
(progn
  (setq native-comp-enable-subr-trampolines nil)
  (load "PLUGIN")
  (defvar said nil)
  (advice-add 'message :before (lambda (text &rest more) (push (apply #'format text more) said)))
  (defvar server
    (make-instance 'nrepl-lsp-server :name "test"
                   :process (make-pipe-process :name "test" :noquery t)))
  (setf (eglot--project-nickname server) "test" (eglot--saved-initargs server) nil
        (eglot--project server) '(transient . "/"))
  (defun tell (method &rest members)
    (apply #'eglot-handle-notification server method members)))
"""


@pytest.fixture
def emacs() -> UnpackedEmacs:
    try:
        return UnpackedEmacs()
    except Missing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI=true allows no skipped editor; {missing}", pytrace=False)
        pytest.skip(str(missing))


def run(emacs: UnpackedEmacs, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*emacs.command, "-Q", "--batch", *arguments],
        env={**os.environ, **emacs.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def value(emacs: UnpackedEmacs, lisp: str) -> str:
    """What an expression prints, with the plugin loaded and a server told things."""
    alone = ALONE.replace("PLUGIN", str(PLUGIN))
    done = run(emacs, "--eval", alone, "--eval", f'(princ (format "%S" {lisp}))')
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_compiles_without_a_warning(emacs: UnpackedEmacs, tmp_path: Path) -> None:
    shutil.copy(PLUGIN, tmp_path)
    quiet = "(setq native-comp-enable-subr-trampolines nil byte-compile-error-on-warn t)"
    done = run(emacs, "--eval", quiet, "-f", "batch-byte-compile", str(tmp_path / PLUGIN.name))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert (tmp_path / "nrepl-lsp.elc").exists()


def test_checkdoc_has_nothing_to_say(emacs: UnpackedEmacs) -> None:
    done = run(emacs, "--eval", f'(progn (require (quote checkdoc)) (checkdoc-file "{PLUGIN}"))')
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_it_calls_nothing_but_documented_commands() -> None:
    commands = set(re.findall(r'"(nrepl\.\w+)"', PLUGIN.read_text(encoding="utf-8")))
    documented = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert len(commands) > 25
    assert {one for one in commands if f"`{one}`" not in documented} == set()


def test_it_stays_thin() -> None:
    assert len(PLUGIN.read_text(encoding="utf-8").splitlines()) <= 400


def test_values_are_left_to_the_plugin_and_every_notification_is_asked_for(
    emacs: UnpackedEmacs,
) -> None:
    shown = value(
        emacs,
        """(list (plist-get (plist-get (eglot-initialization-options server) :nrepl) :results)
                 (plist-get (eglot-client-capabilities server) :experimental))""",
    )
    assert ':show "none"' in shown
    assert "(:nrepl (:output t :evaluation t :status t :input t))" in shown
    left = value(emacs, "(let (nrepl-lsp-results) (eglot-initialization-options server))")
    assert left == "nil"


def test_who_goes_on_typing_is_told_of_input_and_not_asked(emacs: UnpackedEmacs) -> None:
    needed = '(tell \'nrepl/evaluation :evaluation "1" :state "needInput" :prompt "Name: ")'
    shown = value(
        emacs,
        f"""(let (timers)
              (cl-letf (((symbol-function 'run-at-time) (lambda (&rest all) (push all timers))))
                (setq nrepl-lsp--events (1- num-nonmacro-input-events))
                {needed}
                (list timers (substring-no-properties (car said)))))""",
    )
    assert shown.startswith('(nil "The code waits for a line of input')
    shown = value(
        emacs,
        f"""(let (timers)
              (cl-letf (((symbol-function 'run-at-time) (lambda (&rest all) (push all timers))))
                (setq nrepl-lsp--events num-nonmacro-input-events)
                {needed}
                (list (nth 2 (car timers)) (oref server waiting) said)))""",
    )
    assert shown == '(nrepl-lsp--ask (("1" . "Name: ")) nil)'


def test_who_goes_on_typing_is_told_of_questions_and_not_asked(emacs: UnpackedEmacs) -> None:
    shown = value(
        emacs,
        """(progn
             (setq nrepl-lsp--events (1- num-nonmacro-input-events))
             (list (eglot-handle-request server 'window/showMessageRequest :type 2
                                         :message "It goes on." :actions [(:title "New session")])
                   (car said)))""",
    )
    assert shown == '(nil "It goes on.")'


def test_a_prompt_closes_when_the_evaluation_goes_on(emacs: UnpackedEmacs) -> None:
    shown = value(
        emacs,
        """(let ((nrepl-lsp--asking (cons "1" 0)) timers)
             (cl-letf (((symbol-function 'run-at-time)
                        (lambda (_ _ then &rest _) (push then timers))))
               (mapcar (lambda (one)
                         (tell 'nrepl/evaluation :evaluation one :state "done")
                         (catch 'nrepl-lsp-input (mapc #'funcall timers) 'stays))
                       '("2" "1"))))""",
    )
    assert shown == "(stays nil)"


def test_the_mode_line_shows_the_program_of_the_file_or_none(emacs: UnpackedEmacs) -> None:
    shown = value(
        emacs,
        """(cl-letf (((symbol-function 'nrepl-lsp--server) (lambda (&rest _) server)))
             (cl-flet ((seen (file &rest roots)
                         (oset server connections
                               (mapcar (lambda (root) `(:root ,root :state "ready" :ns ,root))
                                       roots))
                         (let ((buffer-file-truename file)) (nrepl-lsp--lighter))))
               (list (seen "/a/b/x.clj" "/a" "/a/b" "/a/bc") (seen "/c/x.clj" "/a")
                     (seen "/c/x.clj" "/a" "/b"))))""",
    )
    assert shown == '(" nREPL[/a/b]" " nREPL[/a]" " nREPL[detached]")'


def test_the_transcript_has_the_users_code_and_not_the_servers_own(emacs: UnpackedEmacs) -> None:
    shown = value(
        emacs,
        """(progn
             (dolist (at '(nil (:start (:line 0 :character 0) :end (:line 0 :character 3))))
               (tell 'nrepl/evaluation :evaluation "1" :title (if at "(f)" "(macroexpand-1 …)")
                     :quiet t :range at :state "sent")
               (tell 'nrepl/evaluation :evaluation "1" :quiet t :range at :state "done"
                     :values (if at ["1"] ["2"])))
             (with-current-buffer "*nrepl-lsp test*"
               (buffer-substring-no-properties 1 (point-max))))""",
    )
    assert shown == '"(f)\n=> 1\n"'


def test_the_transcript_has_values_output_and_errors(emacs: UnpackedEmacs) -> None:
    shown = value(
        emacs,
        """(progn
             (tell 'nrepl/evaluation :evaluation "1" :title "(f)" :quiet :json-false :state "sent")
             (tell 'nrepl/output :evaluation "1" :stream "out" :text "no line's end" :cut 3)
             (tell 'nrepl/evaluation :evaluation "1" :quiet :json-false :state "error"
                   :values ["1" "2"] :error '(:message "Divide by zero"))
             (with-current-buffer "*nrepl-lsp test*"
               (buffer-substring-no-properties 1 (point-max))))""",
    )
    assert shown.replace("\\n", "\n") == (
        '"(f)\nno line\'s end\n… 3 more characters\n=> 1\n=> 2\n✗ Divide by zero\n"'
    )
