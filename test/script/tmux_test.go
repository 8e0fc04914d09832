//go:build linux

package script

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tmux is a real terminal of 100 x 24 with a shell in it.
type tmux struct {
	*testing.T
	socket string
}

// newTmux starts one; the program of this test is in its path.
func newTmux(t *testing.T, env ...string) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	dir := t.TempDir()
	rc := filepath.Join(dir, "rc")
	text := "PS1='READY> '; PATH='" + os.Getenv("PATH") + "'; unset NO_COLOR\nexport HOME='" + dir + "' LANG=C.UTF-8 LC_ALL=C.UTF-8"
	for _, e := range env {
		text += "\nexport " + e
	}
	if err := os.WriteFile(rc, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	term := &tmux{t, filepath.Join(dir, "socket")}
	term.run("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "24", "bash", "--rcfile", rc, "-i")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", term.socket, "kill-server").Run() })
	term.waits("READY>")
	return term
}

func (t *tmux) run(args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "tmux", append([]string{"-S", t.socket}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// types sends keys: names as tmux has them.
func (t *tmux) types(keys ...string) {
	t.Helper()
	t.run(append([]string{"send-keys"}, keys...)...)
}

// enters types a command line.
func (t *tmux) enters(command string) {
	t.Helper()
	t.types("-l", command)
	t.types("Enter")
}

func (t *tmux) screen() string { return t.run("capture-pane", "-p") }

// waits returns the screen once it shows what a pattern asks for. The time is generous: it tells an answer from a hang.
func (t *tmux) waits(pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if s := t.screen(); re.MatchString(s) {
			return s
		}
	}
	t.Fatalf("%q does not come:\n%s", pattern, t.screen())
	return ""
}

// selected returns the name in the selected row.
func (t *tmux) selected(screen string) string {
	t.Helper()
	for line := range strings.Lines(screen) {
		if fields := strings.Fields(line); strings.HasPrefix(line, "▌") && len(fields) > 2 {
			return fields[2]
		}
	}
	t.Fatalf("nothing is selected:\n%s", screen)
	return ""
}

// program returns the process that the shell runs.
func (t *tmux) program() int {
	t.Helper()
	shell := strings.TrimSpace(t.run("display-message", "-p", "#{pane_pid}"))
	children, err := os.ReadFile("/proc/" + shell + "/task/" + shell + "/children")
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(children)))
	if err != nil {
		t.Fatalf("the shell runs %q", children)
	}
	return pid
}

const watch = "cloudtop --demo --neon --runpod --columns provider,name,status --refresh 1s"

// clean fails unless the shell is back with an exit code, on a terminal that is as it was.
func (t *tmux) clean(code int) {
	t.Helper()
	t.waits(fmt.Sprintf("(?m)^code=%d$", code))
	t.enters(`stty -g > after; cmp before after && echo "terminal is as it was"`)
	t.waits("(?m)^terminal is as it was$")
	if flag := strings.TrimSpace(t.run("display-message", "-p", "#{alternate_on} #{cursor_flag}")); flag != "0 1" {
		t.Errorf("alternate screen and cursor are %q, want 0 1", flag)
	}
}

// starts runs the screen and waits until a round is over.
func (t *tmux) starts(command string) {
	t.Helper()
	t.enters("cd; stty -g > before; clear; " + command + "; echo code=$?")
	t.waits(`next in`)
}

func TestTheScreenInARealTerminal(t *testing.T) {
	t.Parallel()
	term := newTmux(t)
	term.starts(watch)
	term.types("j", "j", "j")
	chosen := term.selected(term.waits(`(?m)NAME.*\n   .*\n   .*\n   .*\n▌`)) // the fourth row
	at := regexp.MustCompile(`\d\d:\d\d:\d\d`)
	first := at.FindString(term.screen())
	for end := time.Now().Add(time.Minute); at.FindString(term.screen()) == first && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond) // rounds go by
	}
	if got := term.selected(term.screen()); got != chosen || at.FindString(term.screen()) == first {
		t.Errorf("after a refresh %s is selected, want %s", got, chosen)
	}
	term.types("s", "s", "S")
	if got := term.selected(term.waits("▼NAME")); got != chosen {
		t.Errorf("in another order %s is selected, want %s", got, chosen)
	}
	term.types("/")
	term.types("-l", "name="+chosen)
	term.waits(`(?m)^ 1 of \d+ resources`)
	term.types("Enter", "Enter")
	term.waits(`native_status`)
	term.types("Escape")
	term.waits(`▼NAME`)
	term.types("?")
	term.waits("reverse the order")
	term.types("q")
	term.clean(0)
	if !strings.Contains(term.screen(), "PROVIDER") {
		t.Errorf("the last table is not left behind:\n%s", term.screen())
	}
}

func TestTheScreenGivesTheTerminalBack(t *testing.T) {
	t.Parallel()
	term := newTmux(t)
	term.starts(watch)
	term.types("C-c")
	term.clean(130)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		term.starts(watch)
		if err := syscall.Kill(term.program(), signal); err != nil {
			t.Fatal(err)
		}
		term.clean(130)
	}
}

func TestTheScreenSuspendsAndComesBack(t *testing.T) {
	t.Parallel()
	term := newTmux(t)
	// The terminal library looks at the size while it takes the terminal back, without a lock of its own: under the race
	// detector that is told, and shall not be the exit code.
	term.starts("GORACE=exitcode=0 " + watch)
	term.types("j", "C-z")
	term.waits(`Stopped`)
	term.enters("stty -g > between; cmp before between && echo lent")
	term.waits("(?m)^lent$")
	term.enters("fg")
	term.waits(`(?m)^▌.*\n(.*\n)*.*next in|next in(.*\n)*▌`)
	term.run("resize-window", "-x", "60", "-y", "10")
	term.waits(`(?m)^ enter details.*q quit`)
	term.types("q")
	term.waits("READY>")
	term.enters("echo code=$?")
	term.clean(0)
}

// A terminal that goes away ends the program.
func TestTheScreenEndsWithItsTerminal(t *testing.T) {
	t.Parallel()
	term := newTmux(t)
	term.starts(watch)
	pid := term.program()
	term.run("kill-server")
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
	}
	t.Errorf("%d still runs", pid)
}

func TestATabCompletesInBash(t *testing.T) {
	t.Parallel()
	term := newTmux(t)
	term.enters(`_init_completion() { words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]}; }; clear`)
	term.enters(`source <(cloudtop completion bash); clear; echo loaded`)
	term.waits(`(?m)^loaded$`)
	term.types("-l", "cloudtop --demo --neon --columns name --output markd")
	term.types("Tab")
	term.waits(`(?m)--output markdown *$`)
	term.types("Enter")
	term.waits(`(?m)^\| name|^\| NAME`)
}
