;;; nrepl-lsp.el --- Evaluate code in running nREPL programs, with Eglot  -*- lexical-binding: t -*-

;; Copyright (c) 2026 The nrepl-lsp authors.  SPDX-License-Identifier: MIT
;; Author: The nrepl-lsp authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "29.1"))
;; Keywords: languages, lisp, tools

;;; Commentary:

;; Keys, values beside the code, a transcript, a prompt for input and the program's state in the
;; mode line, for the language server nrepl-lsp.  All of it is asked of the server, by its
;; docs/commands.md and docs/protocol-extensions.md.

;;; Code:

(require 'ansi-color)
(require 'cl-lib)
(require 'eglot)

(defgroup nrepl-lsp nil "Evaluate code in running nREPL programs." :group 'eglot)

(defcustom nrepl-lsp-program '("nrepl-lsp")
  "The language server, with its arguments."
  :type '(repeat string))

(defcustom nrepl-lsp-results 'until-changed
  "How long a value stands beside its form, as of when Eglot connects.
With nil the server shows it, as its setting `nrepl.results.show' says."
  :type '(choice (const until-changed) (const until-command) (const :tag "Server's way" nil)))

(defface nrepl-lsp-value '((t :inherit font-lock-comment-face)) "A value beside its form.")

(defface nrepl-lsp-error '((t :inherit error)) "An error beside its form, or printed.")

;;; The server

(defclass nrepl-lsp-server (eglot-lsp-server)
  ((connections :initform nil :documentation "What nrepl/status said last.")
   (progress :initform nil :documentation "Alist of token and (TITLE . MESSAGE).")
   (waiting :initform nil :documentation "Alist of evaluation and its prompt for input.")))

(defun nrepl-lsp--contact (&rest _)
  "Return the class and the command, for Eglot."
  (unless (executable-find (car nrepl-lsp-program))
    (user-error "No program %s: install it, or set `nrepl-lsp-program'" (car nrepl-lsp-program)))
  (cons 'nrepl-lsp-server nrepl-lsp-program))

;;;###autoload (with-eval-after-load 'eglot (require 'nrepl-lsp))
(add-to-list 'eglot-server-programs
             '((clojure-mode clojure-ts-mode hy-mode fennel-mode janet-mode janet-ts-mode)
               . nrepl-lsp--contact))
(add-hook 'eglot-managed-mode-hook #'nrepl-lsp--follow)

(defun nrepl-lsp--server (&optional or-nil)
  "Return the nrepl-lsp of this buffer; say what to do, or return nil if OR-NIL."
  (let ((server (eglot-current-server)))
    (cond ((cl-typep server 'nrepl-lsp-server) server)
          ((not or-nil) (user-error "No nrepl-lsp works here: start it with `M-x eglot'")))))

(cl-defmethod eglot-client-capabilities ((_ nrepl-lsp-server))
  "Ask for what we show ourselves."
  (plist-put (copy-sequence (cl-call-next-method)) :experimental
             '(:nrepl (:output t :evaluation t :status t :input t))))

(cl-defmethod eglot-initialization-options ((_ nrepl-lsp-server))
  "Have values left to us, unless the user's settings say otherwise."
  (append (let ((given (cl-call-next-method))) (and (listp given) given))
          (when nrepl-lsp-results ; cut to what there is room for behind a form
            `(:nrepl (:results (:show "none" :width ,(max 40 (- (frame-width) 30))))))))

(defvar nrepl-lsp--events 0
  "How many keys there had been when the user last had something run or answered.")
(defvar nrepl-lsp--asking nil
  "The evaluation that the minibuffer asks for, and that minibuffer's depth.")

(defun nrepl-lsp--request (server command argument &optional then)
  "Have SERVER run COMMAND with ARGUMENT; THEN is called with its reply.
Emacs does not wait for it."
  (setq nrepl-lsp--events num-nonmacro-input-events)
  (jsonrpc-async-request
   server :workspace/executeCommand `(:command ,command :arguments [,argument])
   :success-fn (or then #'ignore) :timeout-fn #'ignore
   :error-fn (lambda (reply) (message "%s" (plist-get reply :message)))))

(defun nrepl-lsp--call (command &optional then &rest more)
  "Run COMMAND at point or on the region; THEN is called with its reply.
MORE are members of the command's argument."
  (let ((server (nrepl-lsp--server)) (at (eglot--TextDocumentPositionParams)))
    (eglot--signal-textDocument/didChange) ; Eglot holds edits back: run what stands there now
    (nrepl-lsp--request
     server command
     `(,@more :uri ,(plist-get (plist-get at :textDocument) :uri)
       :position ,(plist-get at :position)
       ,@(when (use-region-p)
           `(:range (:start ,(eglot--pos-to-lsp-position (region-beginning))
                     :end ,(eglot--pos-to-lsp-position (region-end))))))
     then)))

(defvar-keymap nrepl-lsp-mode-map
  :doc "Keys of `nrepl-lsp-mode': those of CIDER, where it has the like."
  "C-c C-e" #'nrepl-lsp-eval           "C-M-x" #'nrepl-lsp-eval-top-level
  "C-c C-v r" #'nrepl-lsp-eval         "C-c C-z" #'nrepl-lsp-transcript
  "C-c TAB" #'nrepl-lsp-send-input     "C-c M-w" #'nrepl-lsp-copy-value
  "C-c M-n n" #'nrepl-lsp-switch-ns    "C-c C-p" #'nrepl-lsp-inspect
  "C-c C-l" #'nrepl-lsp-load-file)

(defmacro nrepl-lsp--define (&rest commands)
  "Define COMMANDS: each a key, a name, the server's command and a sentence."
  `(progn
     ,@(cl-loop for (key name command sentence . more) in commands
                for symbol = (intern (format "nrepl-lsp-%s" name))
                collect `(defun ,symbol ()
                           ,sentence (interactive)
                           (nrepl-lsp--call ,command #'ignore ,@more))
                collect `(keymap-set nrepl-lsp-mode-map ,key #',symbol))))

(nrepl-lsp--define
 ("C-x C-e" eval (if (use-region-p) "nrepl.evalSelection" "nrepl.evalForm")
  "Evaluate the form around or before point, or the forms in the region.")
 ("C-c M-:" eval-code "nrepl.evalCode" "Evaluate what is asked for."
  :code (read-string "Evaluate: "))
 ("C-c C-c" eval-top-level "nrepl.evalTopLevelForm" "Evaluate the outermost form.")
 ("C-c C-v z" eval-to-cursor "nrepl.evalToCursor" "Evaluate the outermost form up to point.")
 ("C-c C-v b" eval-buffer "nrepl.evalBuffer" "Evaluate the forms of the buffer one by one.")
 ("C-c C-v n" eval-ns-form "nrepl.evalNamespaceForm" "Evaluate the namespace's form.")
 ("C-c C-v c" eval-changed "nrepl.evalChangedForms" "Evaluate the forms that have changed.")
 ("C-c M-;" eval-to-comment "nrepl.evalToComment" "Write the value into a comment.")
 ("C-c C-v w" replace-with-value "nrepl.replaceWithResult" "Put the value in the form's place.")
 ("C-c C-k" load-file "nrepl.loadFile" "Load the buffer as it is, saved or not.")
 ("C-c C-b" interrupt "nrepl.interrupt" "Stop what the program runs.")
 ("C-c C-v l" clear-results "nrepl.clearResults" "Take away what stands beside forms.")
 ("C-c M-e" show-trace "nrepl.showTrace" "Show how the error came about.")
 ("C-c M-i" inspect "nrepl.inspect" "Look into the form's value.")
 ("C-c C-m" macroexpand "nrepl.macroexpand" "Expand the macro call at point.")
 ("C-c C-u" undef "nrepl.undef" "Remove the name at point from its namespace.")
 ("C-c C-d d" doc "nrepl.doc" "Show all that is known of the name at point.")
 ("C-c C-d a" apropos "nrepl.apropos" "Show names." :query (read-string "Names with: "))
 ("C-c C-t t" run-test "nrepl.runTest" "Run the test at point.")
 ("C-c C-t n" run-ns-tests "nrepl.runNamespaceTests" "Run the tests of the namespace.")
 ("C-c C-t p" run-all-tests "nrepl.runAllTests" "Run the tests of the project.")
 ("C-c C-t r" rerun-failed-tests "nrepl.rerunFailedTests" "Run the failed tests again.")
 ("C-c M-n l" reload "nrepl.reload" "Load the namespace again from its file.")
 ("C-c M-n r" reload-changed "nrepl.reload" "Load what has changed." :what "changed")
 ("C-c M-n s" new-session "nrepl.newSession" "Evaluate in a new session from now on.")
 ("C-c M-c" connect "nrepl.connect" "Attach to a program."
  :url (let ((at (read-string "Host:port, empty to find it: "))) (unless (equal at "") at)))
 ("C-c C-q" disconnect "nrepl.disconnect" "Let go of the program."))

(defun nrepl-lsp-copy-value ()
  "Put the whole value of the form at point into the kill ring."
  (interactive)
  (nrepl-lsp--call "nrepl.copyResult"
                   (lambda (reply)
                     (when-let* ((text (plist-get reply :text)))
                       (kill-new text) (message "Copied %d characters" (length text))))
                   :show :json-false))

(defun nrepl-lsp-switch-ns ()
  "Choose the namespace in which code is evaluated that belongs to none."
  (interactive)
  (let ((buffer (current-buffer)))
    (nrepl-lsp--call
     "nrepl.namespaces"
     (lambda (reply)
       (when-let* ((all (append (plist-get reply :namespaces) nil))
                   (_ (buffer-live-p buffer))
                   (ns (completing-read "Namespace: " all nil t nil nil (plist-get reply :ns))))
         (with-current-buffer buffer
           (nrepl-lsp--call "nrepl.switchNamespace" nil :ns ns)))))))

(cl-defmethod eglot-handle-notification
  ((_ nrepl-lsp-server) (_ (eql window/showMessage)) &key message &allow-other-keys)
  "Show MESSAGE, and nothing else."
  (message "%s" message))

(cl-defmethod eglot-handle-request
  ((_ nrepl-lsp-server) (_ (eql window/showMessageRequest)) &key message &allow-other-keys)
  "Ask what MESSAGE asks, but not who has gone on typing."
  (if (eql nrepl-lsp--events num-nonmacro-input-events)
      (cl-call-next-method)
    (message "%s" message)
    nil))

;;; Values beside the code

(cl-defmethod eglot-handle-notification
  ((server nrepl-lsp-server) (_ (eql nrepl/evaluation))
   &key evaluation uri range title quiet state again prompt values error place summary message
   &allow-other-keys &aux (is-ours (or range (not (eq quiet t)))))
  "Show what EVALUATION of SERVER has come to."
  (setf (alist-get evaluation (oref server waiting) nil t #'equal) nil)
  (pcase state
    ("queued" (when (and range nrepl-lsp-results) (nrepl-lsp--mark server uri range evaluation)))
    ("sent" (or again (not is-ours) (nrepl-lsp--transcribe server (concat title "\n") 'bold)))
    ("needInput" (nrepl-lsp--need-input server evaluation (or prompt "")))
    (_
     (seq-doseq (value (when is-ours values))
       (nrepl-lsp--transcribe server (concat "=> " value "\n") 'nrepl-lsp-value))
     (unless (equal state "done")
       (nrepl-lsp--transcribe
        server (concat "✗ " (or (plist-get error :message) state) "\n") 'nrepl-lsp-error))
     (unless (and place summary (nrepl-lsp--show server uri evaluation summary))
       (when (and message nrepl-lsp-results) (message "%s" message))
       (unless place (mapc #'delete-overlay (nrepl-lsp--overlays server uri evaluation))))))
  (let ((asked nrepl-lsp--asking))
    (when (equal asked (cons evaluation (minibuffer-depth)))
      (run-at-time 0 nil (lambda () ; not at once: that would skip the messages behind this one
                           (when (and (eq asked nrepl-lsp--asking)
                                      (equal (cdr asked) (minibuffer-depth)))
                             (throw 'nrepl-lsp-input nil)))))))

(cl-defmethod eglot-handle-notification
  ((server nrepl-lsp-server) (_ (eql nrepl/results)) &key uri standing &allow-other-keys)
  "Remove what does not stand in URI of SERVER any more: all but STANDING."
  (dolist (overlay (nrepl-lsp--overlays server uri))
    (when (and (overlay-get overlay 'after-string)
               (not (seq-contains-p standing (overlay-get overlay 'nrepl-lsp))))
      (delete-overlay overlay))))

(defun nrepl-lsp--buffer (server uri)
  "Return the buffer that SERVER knows as URI."
  (cl-loop for buffer in (eglot--managed-buffers server)
           when (with-current-buffer buffer
                  (equal uri (plist-get (eglot--TextDocumentIdentifier) :uri)))
           return buffer))

(defun nrepl-lsp--overlays (server uri &optional evaluation)
  "Return our overlays in SERVER's document URI; only EVALUATION's, if given."
  (when-let* ((buffer (nrepl-lsp--buffer server uri)))
    (with-current-buffer buffer
      (without-restriction
        (cl-loop for overlay in (overlays-in (point-min) (point-max))
                 for id = (overlay-get overlay 'nrepl-lsp)
                 when (and id (or (null evaluation) (equal id evaluation))) collect overlay)))))

(defun nrepl-lsp--mark (server uri range evaluation)
  "Follow the form at RANGE in SERVER's document URI, to EVALUATION's end."
  (when-let* ((buffer (nrepl-lsp--buffer server uri)))
    (with-current-buffer buffer
      (let* ((region (funcall (if (fboundp 'eglot-range-region) #'eglot-range-region
                                'eglot--range-region) ; Emacs 29
                              range))
             (overlay (make-overlay (car region) (cdr region))))
        (overlay-put overlay 'nrepl-lsp evaluation)
        (overlay-put overlay 'evaporate t)
        ;; A value is of the code that was there, and of no other.
        (overlay-put overlay 'modification-hooks
                     (list (lambda (self after &rest _) (when after (delete-overlay self)))))))))

(defun nrepl-lsp--show (server uri evaluation summary)
  "Show SUMMARY behind the form of SERVER's EVALUATION in the document URI.
Return nil where that is not to be seen."
  (when-let* ((overlay (car (nrepl-lsp--overlays server uri evaluation)))
              (face (if (string-prefix-p "✗" summary) 'nrepl-lsp-error 'nrepl-lsp-value)))
    (with-current-buffer (overlay-buffer overlay)
      (move-overlay overlay (overlay-start overlay)
                    (save-excursion (goto-char (overlay-end overlay)) (pos-eol)))
      ;; On the blank, so that the cursor at the line's end stands before the value.
      (overlay-put overlay 'after-string
                   (concat (propertize " " 'cursor t) (propertize summary 'face face)))
      (when (eq nrepl-lsp-results 'until-command)
        (add-hook 'pre-command-hook #'nrepl-lsp--remove-here nil t))
      (seq-some (lambda (window) (pos-visible-in-window-p (overlay-end overlay) window))
                (get-buffer-window-list nil nil t)))))

(defun nrepl-lsp--remove-here (&optional all)
  "Remove the values in this buffer, and if ALL what follows forms that run."
  (remove-hook 'pre-command-hook #'nrepl-lsp--remove-here t)
  (without-restriction
    (dolist (overlay (overlays-in (point-min) (point-max)))
      (when (and (overlay-get overlay 'nrepl-lsp) (or all (overlay-get overlay 'after-string)))
        (delete-overlay overlay)))))

(defvar-keymap nrepl-lsp-input-map
  :doc "Keys while code waits for a line."
  :parent minibuffer-local-map
  "C-c C-d" (lambda () (interactive) (throw 'nrepl-lsp-input '("nrepl.sendInput" :end t)))
  "C-c C-b" (lambda () (interactive) (throw 'nrepl-lsp-input '("nrepl.interrupt"))))

(defun nrepl-lsp--need-input (server evaluation prompt)
  "Ask with PROMPT for the line that SERVER's EVALUATION waits for.
Who has gone on typing is told only: their keys are not for us."
  (push (cons evaluation prompt) (oref server waiting))
  (if (and (eql nrepl-lsp--events num-nonmacro-input-events) (not (active-minibuffer-window)))
      (run-at-time 0 nil #'nrepl-lsp--ask server evaluation)
    (message "The code waits for a line of input: %s"
             (substitute-command-keys "\\<nrepl-lsp-mode-map>\\[nrepl-lsp-send-input]"))))

(defun nrepl-lsp--ask (server evaluation)
  "Ask for a line for SERVER's EVALUATION, and send it."
  (when-let* ((prompt (cdr (assoc evaluation (oref server waiting))))
              (answer (catch 'nrepl-lsp-input
                        (let ((nrepl-lsp--asking (cons evaluation (1+ (minibuffer-depth)))))
                          (list "nrepl.sendInput" :text
                                (read-from-minibuffer
                                 (concat "[C-c C-d end, C-c C-b interrupt] "
                                         (if (string-blank-p prompt) "Input: " prompt))
                                 nil nrepl-lsp-input-map))))))
    (nrepl-lsp--request
     server (car answer) `(:evaluation ,evaluation ,@(cdr answer)))))

(defun nrepl-lsp-send-input ()
  "Give the code that waits for it a line."
  (interactive)
  (if-let* ((server (nrepl-lsp--server)) (waiting (oref server waiting)))
      (nrepl-lsp--ask server (caar waiting))
    (message "No code waits for input.")))

;;; The transcript and the mode line

(define-derived-mode nrepl-lsp-transcript-mode special-mode "Transcript"
  "What a program has evaluated and printed.")

(defun nrepl-lsp--transcript (server)
  "Return the buffer with the transcript of SERVER."
  (with-current-buffer (get-buffer-create (format "*nrepl-lsp %s*" (eglot-project-nickname server)))
    (unless (derived-mode-p 'nrepl-lsp-transcript-mode) (nrepl-lsp-transcript-mode))
    (current-buffer)))

(defun nrepl-lsp--transcribe (server text &optional face)
  "Add TEXT to the transcript of SERVER, in FACE or in the colours it names."
  (with-current-buffer (nrepl-lsp--transcript server)
    (let ((inhibit-read-only t)
          (following (seq-filter (lambda (window) (= (window-point window) (point-max)))
                                 (get-buffer-window-list nil nil t))))
      (save-excursion
        (goto-char (point-max))
        (unless (or (bolp) (null face)) (insert "\n"))
        (insert (if face (propertize text 'face face) (ansi-color-apply text)))
        (when (> (buffer-size) 1000000) ; the older half goes
          (goto-char (- (point-max) 500000))
          (delete-region (point-min) (pos-bol))))
      (dolist (window following) (set-window-point window (point-max))))))

(cl-defmethod eglot-handle-notification
  ((server nrepl-lsp-server) (_ (eql nrepl/output)) &key stream text cut &allow-other-keys)
  "Add TEXT, printed on STREAM by a program of SERVER, and how much was CUT."
  (nrepl-lsp--transcribe server text (and (equal stream "err") 'nrepl-lsp-error))
  (when (> (or cut 0) 0)
    (nrepl-lsp--transcribe server (format "… %d more characters\n" cut) 'shadow)))

(defun nrepl-lsp-transcript ()
  "Show the transcript, at its end, in another window."
  (interactive)
  (let ((buffer (nrepl-lsp--transcript (nrepl-lsp--server))))
    (with-selected-window (display-buffer buffer)
      (goto-char (point-max))
      (recenter -1))))

(cl-defmethod eglot-handle-notification
  ((server nrepl-lsp-server) (_ (eql nrepl/status)) &key connections &allow-other-keys)
  "Keep how the CONNECTIONS of SERVER are."
  (oset server connections (append connections nil))
  (force-mode-line-update t))

(cl-defmethod eglot-handle-notification
  ((server nrepl-lsp-server) (_ (eql $/progress)) &key token value)
  "Keep by VALUE what SERVER has under way as TOKEN."
  (let ((title (or (plist-get value :title) (cadr (assoc token (oref server progress))))))
    (setf (alist-get token (oref server progress) nil t #'equal)
          (unless (equal (plist-get value :kind) "end") (cons title (plist-get value :message)))))
  (force-mode-line-update t))

(defun nrepl-lsp--lighter ()
  "Return how this buffer's program is, for the mode line."
  (when-let* ((server (nrepl-lsp--server t)))
    (let* ((file (file-local-name (expand-file-name (or buffer-file-truename default-directory))))
           (all (oref server connections))
           (around (cl-loop for one in all ; without a root it is for what is in no project
                            for root = (file-name-as-directory (or (plist-get one :root) "/"))
                            when (string-prefix-p root file) collect one))
           (mine (or (car (seq-sort-by (lambda (one) (length (plist-get one :root))) #'> around))
                     (and (null (cdr all)) (car all))))
           (state (or (plist-get mine :state) "detached"))
           (runs (cdar (oref server progress))))
      (string-replace
       "%" "%%"
       (concat " nREPL[" (or (and (equal state "ready") (plist-get mine :ns)) state)
               (and runs (format " %s %s" (car runs) (or (cdr runs) ""))) "]")))))

;;;###autoload
(define-minor-mode nrepl-lsp-mode
  "Keys and values beside the code, where Eglot has an nrepl-lsp.

\\{nrepl-lsp-mode-map}"
  :lighter (:eval (nrepl-lsp--lighter))
  (unless nrepl-lsp-mode (nrepl-lsp--remove-here t))
  (when (and nrepl-lsp-mode (memq #'eglot-hover-eldoc-function eldoc-documentation-functions))
    (remove-hook 'eldoc-documentation-functions #'eglot-hover-eldoc-function t)
    (add-hook 'eldoc-documentation-functions #'eglot-hover-eldoc-function -50 t))) ; first

(defun nrepl-lsp--follow ()
  "Be there where Eglot has an nrepl-lsp, and stay: else our keys are Emacs Lisp's."
  (nrepl-lsp--remove-here t) ; of the server before
  (cond ((nrepl-lsp--server t) (nrepl-lsp-mode 1))
        ((eglot-managed-p) (nrepl-lsp-mode -1))))

(provide 'nrepl-lsp)
;;; nrepl-lsp.el ends here
