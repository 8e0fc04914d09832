// Package script runs the real program, black box: each testdata/*.txtar is a shell session with its expectations.
package script

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/adsops/cloudtop/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cloudtop": func() { os.Exit(cli.Main()) }})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("LANG", "C.UTF-8")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "interrupts": interrupts},
	})
}

// exits CODE PROGRAM ARGS... runs a program and wants exactly that exit code. stdout and stderr are kept in the files
// "out" and "err".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	cmd := command(ts, args[1:])
	if got := code(cmd.Run()); got != want {
		ts.Fatalf("%v: exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", args[1:], got, want, ts.ReadFile("out"), ts.ReadFile("err"))
	}
}

// interrupts AFTER WITHIN PROGRAM ARGS... runs a program, sends it SIGINT, and wants it to end with exit code 130
// within the time. The time is generous: it tells an answer from a hang, and measures nothing.
func interrupts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupts AFTER WITHIN PROGRAM ARGS...")
	}
	after, err := time.ParseDuration(args[0])
	ts.Check(err)
	within, err := time.ParseDuration(args[1])
	ts.Check(err)
	cmd := command(ts, args[2:])
	ts.Check(cmd.Start())
	time.Sleep(after)
	ts.Check(cmd.Process.Signal(syscall.SIGINT))
	sent := time.Now()
	got := code(cmd.Wait())
	took := time.Since(sent)
	ts.Logf("ended %s after SIGINT", took.Round(time.Millisecond))
	if got != 130 || took > within {
		ts.Fatalf("exit code %d after %s, want 130 within %s\nstderr:\n%s", got, took, within, ts.ReadFile("err"))
	}
}

// command prepares a program whose output goes to the files "out" and "err".
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	path, err := exec.LookPath(args[0])
	ts.Check(err)
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = []string{}
	for _, name := range []string{
		"PATH", "HOME", "LANG", "CLOUDTOP_DEMO", "CLOUDTOP_DEMO_RESOURCES", "CLOUDTOP_DEMO_SEED", "CLOUDTOP_DEMO_LATENCY",
		"CLOUDTOP_DEMO_FAULTS", "CLOUDTOP_DEMO_INCIDENTS", "CLOUDTOP_CONFIG", "VAST_API_KEY", "NO_COLOR", "GOCOVERDIR",
	} {
		if v := ts.Getenv(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	out, err := os.Create(ts.MkAbs("out"))
	ts.Check(err)
	errOut, err := os.Create(ts.MkAbs("err"))
	ts.Check(err)
	ts.Defer(func() { _, _ = out.Close(), errOut.Close() })
	cmd.Stdout, cmd.Stderr = out, errOut
	return cmd
}

func code(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}
