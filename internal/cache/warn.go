package cache

import (
	"fmt"
	"sync"
)

// warner tells of each kind of trouble once: a full disk would otherwise be told for every unit of every round.
type warner struct {
	tell func(string)
	mu   sync.Mutex
	told map[string]bool
}

func newWarner(tell func(string)) *warner { return &warner{tell: tell, told: map[string]bool{}} }

func (w *warner) once(kind, format string, args ...any) {
	if w.tell == nil || !w.first(kind) {
		return
	}
	w.tell("cache: " + fmt.Sprintf(format, args...))
}

func (w *warner) first(kind string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.told[kind] {
		return false
	}
	w.told[kind] = true
	return true
}
