package cache

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// server is a real Redis that a test started for itself. It listens on a socket in a folder of its own.
type server struct {
	socket string
	args   []string
	cmd    *exec.Cmd
}

// startServer starts a Redis. Where none is installed it skips the test, but not in CI.
func startServer(tb testing.TB, args ...string) *server {
	tb.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatal("redis-server is not installed: apt-get install redis-server")
		}
		tb.Skip("redis-server is not installed (apt-get install redis-server)")
	}
	dir, err := os.MkdirTemp("", "redis") // a socket's path must be shorter than most of tb.TempDir
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &server{socket: filepath.Join(dir, "s"), args: args}
	s.start(tb)
	tb.Cleanup(s.stop)
	return s
}

func (s *server) start(tb testing.TB) {
	tb.Helper()
	s.cmd = exec.Command("redis-server", append([]string{
		"--port", "0", "--unixsocket", s.socket, "--dir", filepath.Dir(s.socket), "--save", "", "--appendonly", "no",
	}, s.args...)...)
	if err := s.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	for range 500 {
		if conn, err := net.Dial("unix", s.socket); err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	tb.Fatal("redis-server does not listen after 5 s")
}

// stop kills the server, as a power failure would.
func (s *server) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// url is the server's address, with patience for busy machines.
func (s *server) url() string {
	return "unix://" + s.socket + "?dial_timeout=20s&read_timeout=20s&write_timeout=20s"
}

// client returns a plain client, to see what is in the server.
func (s *server) client(tb testing.TB) *redis.Client {
	tb.Helper()
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket})
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// keys returns all that is in the server.
func (s *server) keys(tb testing.TB) []string {
	tb.Helper()
	keys, err := s.client(tb).Keys(context.Background(), "*").Result()
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}
