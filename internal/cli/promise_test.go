package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/cobra"
)

// promised are the command lines of the product's contract.
const promised = `
cloudtop --all
cloudtop --all --gpu
cloudtop --cloudflare
cloudtop --oracle
cloudtop --gcp
cloudtop --ai vast --ai io --gpu --list
cloudtop -c -o -g
cloudtop --oracle --gpu --refresh 10s
cloudtop --all --service compute
cloudtop --all --service database
cloudtop --all --service functions
cloudtop --all --table
cloudtop --all --wide
cloudtop --all --json
cloudtop --all --refresh 30s
cloudtop --all --refresh 1m
cloudtop --all --running --json
`

// commandLine is a line of documentation that begins with the program, up to a pipe, a redirection or a comment.
var commandLine = regexp.MustCompile(`(?m)^\s*(?:\$ )?cloudtop( (?:'[^'\n]*'|[^'|>#\n])*)?`)

// commandsIn returns the words of each command line in a text. What is set apart by two blanks is said about it.
func commandsIn(text string) [][]string {
	var commands [][]string
	words := regexp.MustCompile(`'[^']*'|\S+`)
	for _, m := range commandLine.FindAllStringSubmatch(text, -1) {
		line, _, _ := strings.Cut(m[1], "  ")
		var args []string
		for _, w := range words.FindAllString(line, -1) {
			args = append(args, strings.Trim(w, "'"))
		}
		commands = append(commands, args)
	}
	return commands
}

// examplesOf returns the examples in the help of a command and of those below it.
func examplesOf(c *cobra.Command) string {
	text := c.Example + "\n"
	for _, sub := range c.Commands() {
		text += examplesOf(sub)
	}
	return text
}

// first ends a context when something is written.
type first struct {
	bytes.Buffer
	once   sync.Once
	cancel context.CancelCauseFunc
}

func (f *first) Write(p []byte) (int, error) {
	f.once.Do(func() { f.cancel(errInterrupted) })
	return f.Buffer.Write(p)
}

// Everything that the contract, the documentation and the help show works as it stands, on simulated clouds.
func TestEveryCommandThatIsShownWorks(t *testing.T) {
	t.Parallel()
	a, _, _ := machine(t, nil)
	root := a.rootCommand()
	text := promised + examplesOf(root)
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	for _, file := range append(files, "../../README.md") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text += string(data)
	}
	seen := map[string]bool{}
	for _, args := range commandsIn(text) {
		line := strings.Join(args, " ")
		called, _, err := root.Find(args)
		prose := err != nil || called == root && len(args) > 0 && !strings.HasPrefix(args[0], "-")
		if seen[line] || prose || called.Name() == "sim" { // which has tests of its own
			continue
		}
		seen[line] = true
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			showsWhatItPromises(t, args)
		})
	}
	if len(seen) < 35 {
		t.Errorf("%d command lines were found", len(seen))
	}
}

func showsWhatItPromises(t *testing.T, args []string) {
	t.Helper()
	a, out, errOut := machine(t, demo())
	if i := slices.Index(args, "--config") + 1; i > 0 {
		args[i] = filepath.Join(t.TempDir(), args[i])
	}
	if slices.Equal(args, []string{"config", "validate"}) {
		a.run(t.Context(), []string{"config", "init"})
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	want := exitOK
	if slices.Contains(args, "--refresh") && !slices.Contains(args, "--explain") {
		rounds := &first{cancel: cancel}
		a.out, out, want = rounds, &rounds.Buffer, exitInterrupted
	}
	code := a.run(ctx, args)
	if code != want || out.Len()+errOut.Len() == 0 || strings.Contains(errOut.String(), "error") {
		t.Errorf("exit %d, want %d:\n%.500s\n%s", code, want, out, errOut)
	}
}
