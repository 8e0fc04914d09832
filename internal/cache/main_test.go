package cache

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// roles are what this test binary does when a test starts it as a process of its own.
func roles() map[string]func(o Options) {
	return map[string]func(Options){"work": workOnce, "write": writeForever, "hold": holdForever}
}

// The variables that tell a process its role and its store.
const (
	roleEnv    = "CACHE_TEST_ROLE"
	backendEnv = "CACHE_TEST_BACKEND"
	dirEnv     = "CACHE_TEST_DIR"
	urlEnv     = "CACHE_TEST_URL"
	logEnv     = "CACHE_TEST_LOG"
)

func TestMain(m *testing.M) {
	if role := roles()[os.Getenv(roleEnv)]; role != nil {
		role(Options{
			Backend: os.Getenv(backendEnv), Dir: os.Getenv(dirEnv), RedisURL: os.Getenv(urlEnv),
			Warn: func(text string) { panic(text) },
		})
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
