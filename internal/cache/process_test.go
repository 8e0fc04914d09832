package cache

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// process is this test binary in another role, on a place.
type process struct {
	cmd    *exec.Cmd
	log    string // what it wrote
	stderr bytes.Buffer
}

func (p place) start(t *testing.T, role string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &process{cmd: exec.Command(self), log: filepath.Join(t.TempDir(), "log")}
	c.cmd.Env = append(os.Environ(), roleEnv+"="+role, backendEnv+"="+p.backend, dirEnv+"="+p.dir, urlEnv+"="+p.url, logEnv+"="+c.log)
	c.cmd.Stderr = &c.stderr
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.cmd.Process.Kill() })
	return c
}

func (c *process) wait(t *testing.T) {
	t.Helper()
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("a process ended with %v:\n%s", err, &c.stderr)
	}
}

// kill ends the process as kill -9 does.
func (c *process) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatalf("kill: %v\n%s", err, &c.stderr)
	}
	_ = c.cmd.Wait()
}

// lines are what the process logged so far.
func (c *process) lines(t *testing.T) []string {
	t.Helper()
	log, err := os.ReadFile(c.log)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Fields(string(log))
}

// await waits until the process has logged n words.
func (c *process) await(t *testing.T, n int) {
	t.Helper()
	for range 3000 {
		if len(c.lines(t)) >= n {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("a process logged %v in 30 s, want %d words:\n%s", c.lines(t), n, &c.stderr)
}

// mustOpen opens a process's store and log.
func mustOpen(o Options) (Store, *os.File) {
	s, err := Open(o)
	if err != nil {
		panic(err)
	}
	log, err := os.Create(os.Getenv(logEnv))
	if err != nil {
		panic(err)
	}
	return s, log
}

// writeForever replaces a few entries over and over; it logs each.
func writeForever(o Options) {
	s, log := mustOpen(o)
	e := manyResources(500)
	for i := 0; ; i++ {
		e.Calls, e.At = i, time.Now()
		s.Put(context.Background(), someKey(fmt.Sprint(i%3)), e)
		fmt.Fprintln(log, i)
	}
}

// holdForever holds a lock until it is killed; it logs when it does.
func holdForever(o Options) {
	s, log := mustOpen(o)
	s.Lock(context.Background(), someKey(""))
	fmt.Fprintln(log, "held")
	time.Sleep(time.Hour)
}

func TestKilledWritersLoseAndBreakNothing(t *testing.T) {
	shared(t, func(t *testing.T, p place) {
		s := p.open(t, Options{})
		for range 4 {
			writer := p.start(t, "write")
			writer.await(t, 5)
			writer.kill(t)
			for i := range 3 {
				e, ok := s.Get(t.Context(), someKey(fmt.Sprint(i)))
				if !ok || len(e.Resources) != 500 {
					t.Errorf("entry %d after a kill: %v, want it whole", i, ok)
				}
			}
		}
	})
}

func TestLocksOfTheKilledAreFree(t *testing.T) {
	shared(t, func(t *testing.T, p place) {
		s := p.open(t, Options{})
		holder := p.start(t, "hold")
		holder.await(t, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		s.Lock(ctx, someKey(""))()
		if !ended(ctx) {
			t.Fatal("Lock returned while another process held the key")
		}
		holder.kill(t)
		started := time.Now()
		s.Lock(t.Context(), someKey(""))()
		if waited := time.Since(started); waited > 10*time.Second {
			t.Errorf("the lock of a killed process was held for another %v", waited)
		}
	})
}
