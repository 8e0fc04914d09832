package ratelimit

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// accountVersion begins the text of an account.
const accountVersion = 1

var errCorrupt = errors.New("ratelimit: not the text of an account")

// AppendText implements encoding.TextAppender: one line of whole numbers, which the script of the Redis store reads and
// writes as well. In this order: the version, written, paused, what was heard (remaining, at, reset, bound as 0 or 1,
// tokens, most, since), how many rules there are, and for each its interval in nanoseconds, burst, events and length of
// the window, when its burst is whole, what was taken last, how many entries its log has, and each entry's time and
// events.
func (a *Account) AppendText(b []byte) ([]byte, error) {
	put := func(all ...int64) {
		for _, n := range all {
			b = append(strconv.AppendInt(b, n, 10), ' ')
		}
	}
	h := &a.heard
	bound := int64(0)
	if h.bound {
		bound = 1
	}
	put(accountVersion, a.written, a.paused, h.remaining, h.at, h.reset, bound, h.tokens, h.most, h.since, int64(len(a.gates)))
	for i := range a.gates {
		g := &a.gates[i]
		put(int64(g.rule.Interval), int64(g.rule.Burst), int64(g.rule.Events), micros(g.rule.Per), g.full, g.last, int64(len(g.log)))
		for _, t := range g.log {
			put(t.at, t.n)
		}
	}
	b[len(b)-1] = '\n'
	return b, nil
}

// UnmarshalText implements encoding.TextUnmarshaler. The account is a new one after an error.
func (a *Account) UnmarshalText(text []byte) error {
	*a = Account{}
	line, whole := strings.CutSuffix(string(text), "\n")
	r := &reader{fields: strings.Fields(line), bad: !whole}
	if r.next() != accountVersion {
		return errCorrupt
	}
	got := Account{written: r.next(), paused: r.next(), heard: heard{
		remaining: r.next(), at: r.next(), reset: r.next(), bound: r.next() == 1,
		tokens: r.next(), most: r.next(), since: r.next(),
	}}
	for range r.count() {
		got.gates = append(got.gates, r.gate())
	}
	if r.bad || len(r.fields) > 0 {
		return errCorrupt
	}
	*a = got
	return nil
}

// reader takes numbers from a line; bad says that something was no number, or out of bounds.
type reader struct {
	fields []string
	bad    bool
}

// next returns the next number. All are small enough for a float64 to hold.
func (r *reader) next() int64 {
	if len(r.fields) == 0 {
		r.bad = true
		return 0
	}
	n, err := strconv.ParseInt(r.fields[0], 10, 64)
	r.fields = r.fields[1:]
	if err != nil || n > 1<<53 || n < -1<<53 {
		r.bad = true
		return 0
	}
	return n
}

// count returns how many of something follow, none where that cannot be.
func (r *reader) count() int64 {
	n := r.next()
	if n < 0 || n > int64(len(r.fields)) {
		r.bad = true
		return 0
	}
	return n
}

func (r *reader) gate() shared {
	g := shared{rule: Rule{
		Interval: time.Duration(r.next()), Burst: int(r.next()), Events: int(r.next()),
		Per: time.Duration(min(r.next(), int64(century/time.Microsecond))) * time.Microsecond,
	}, full: r.next(), last: r.next()}
	if !g.rule.sound() {
		r.bad = true
	}
	for range r.count() {
		t := taken{at: r.next(), n: r.next()}
		if t.n < 0 {
			r.bad = true
		}
		g.log = append(g.log, t)
	}
	return g
}
