;;; emacs_session.el --- How the journeys look into an Emacs  -*- lexical-binding: t -*-

;; Loaded before the user's configuration.

;; What an installed Emacs has done by itself, and an unpacked one has not.
(setq inhibit-startup-screen t make-backup-files nil auto-save-default nil create-lockfiles nil
      native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)
(mapc #'require '(clojure-mode company server))
(server-start)

;; The rest is called by emacsclient.

(defun session-in-document (function)
  "Call FUNCTION in the document's window, also while the minibuffer asks; its value in JSON."
  (with-selected-window (or (minibuffer-selected-window) (selected-window))
    (decode-coding-string (json-serialize (or (funcall function) :null)) 'utf-8)))

(defun session-shown (name)
  "The text of the buffer whose name begins with NAME; nil when no window shows it."
  (when-let* ((window (seq-find (lambda (one)
                                  (string-prefix-p name (buffer-name (window-buffer one))))
                                (window-list))))
    (with-current-buffer (window-buffer window)
      (buffer-substring-no-properties (point-min) (point-max)))))

(defun session-candidates ()
  "What the minibuffer's question can be answered with."
  (when-let* ((window (active-minibuffer-window)))
    (with-current-buffer (window-buffer window)
      (vconcat (mapcar #'substring-no-properties
                       (all-completions "" minibuffer-completion-table))))))

(defun session-answer (text)
  "Write TEXT into the minibuffer, in place of what it proposes."
  (with-current-buffer (window-buffer (active-minibuffer-window))
    (delete-minibuffer-contents)
    (insert text)
    t))

(defun session-show-file (file)
  "Show FILE as it is on the disk, and nothing else."
  (when (bound-and-true-p company-candidates) (company-abort))
  (switch-to-buffer (get-file-buffer file))
  (delete-other-windows)
  (when (buffer-modified-p) (revert-buffer t t t))
  nil)

(defun session-goto (text)
  "Go to the first TEXT; nil when there is none."
  (goto-char (point-min))
  (and (search-forward text nil t) (goto-char (match-beginning 0))))

(defun session-diagnostics ()
  "Line, from 0, and text of each diagnostic of the document."
  (vconcat (mapcar (lambda (one)
                     (vector (1- (line-number-at-pos (flymake-diagnostic-beg one)))
                             (substring-no-properties (flymake-diagnostic-text one))))
                   (flymake-diagnostics))))
