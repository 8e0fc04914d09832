// Package cli is cloudtop's command line: one file per command, each flags -> options -> run(ctx, options).
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/adsops/cloudtop/internal/config"
)

// Exit codes, as `cloudtop help exit-codes` explains them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitIncomplete  = 3
	exitAuth        = 4
	exitInterrupted = 130
)

// errInterrupted is the cause of a context that a signal ended.
var errInterrupted = errors.New("interrupted")

// codeError ends the program with a code. Text is what a person is told; it may be empty where all is said already.
type codeError struct {
	code int
	text string
}

func (e *codeError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &codeError{code: exitUsage, text: fmt.Sprintf(format, args...)}
}

// streams are the program's ends, injected so that tests have their own.
type streams struct {
	in             io.Reader // keys of the screen; nil = there are none
	out, err       io.Writer
	outTTY, errTTY bool
	size           func() (width, height int) // of the terminal; 0 = unknown
}

// app is what every command has at hand.
type app struct {
	streams
	source config.Source // environment, home folder, files
	now    func() time.Time
	atEnd  []func(context.Context) // what is done when the command is over, the last first
	help   mindful                 // stdout, for what the command line's library prints without looking
}

// Main runs the program with the process's own arguments and streams, and returns its exit code.
func Main() int {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		cancel(errInterrupted)
		signal.Stop(signals) // a second Ctrl-C ends the program at once
	}()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a reader that has gone is an error of writing, not our death
	a := &app{streams: terminal(), source: config.OS(), now: time.Now}
	return a.run(ctx, os.Args[1:])
}

func terminal() streams {
	isTTY := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	return streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, outTTY: isTTY(os.Stdout), errTTY: isTTY(os.Stderr),
		size: func() (int, int) {
			for _, f := range []*os.File{os.Stdout, os.Stderr} {
				if w, h, err := term.GetSize(int(f.Fd())); err == nil {
					return w, h
				}
			}
			return 0, 0
		},
	}
}

// run executes one command line.
func (a *app) run(ctx context.Context, args []string) int {
	a.help.Writer = a.out
	root := a.rootCommand() //nolint:contextcheck // commands get ctx by ExecuteContext
	root.SetArgs(args)
	defer a.end(context.WithoutCancel(ctx))
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = a.help.err
	}
	if errors.Is(context.Cause(ctx), errInterrupted) {
		return exitInterrupted
	}
	if writeErr(err) == nil {
		return exitOK
	}
	code, known := errors.AsType[*codeError](err)
	if !known {
		code = &codeError{code: exitFailed, text: err.Error()}
	}
	if code.text != "" {
		fmt.Fprintln(a.err, "cloudtop: "+code.text)
	}
	return code.code
}
