package providertest

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"testing"
)

// seedChecks compare worlds of the same seed and of another.
func (s *suite) seedChecks() []check {
	return []check{
		{name: "seed/same seed, same bytes", run: s.sameSeed},
		{name: "seed/another seed, another world", run: s.otherSeed},
	}
}

// sameSeed reads two worlds of one seed at the same time: every answer and every row is the same.
func (s *suite) sameSeed(t testing.TB) {
	rows, answers := s.twice(t, 7, 7)
	if !slices.Equal(rows[0], rows[1]) {
		t.Errorf("seed 7 makes two lists of rows: %s", firstDifference(rows[0], rows[1]))
	}
	if !slices.Equal(answers[0], answers[1]) {
		t.Errorf("seed 7 makes two lists of answers: %s", firstDifference(answers[0], answers[1]))
	}
}

func (s *suite) otherSeed(t testing.TB) {
	rows, answers := s.twice(t, 7, 8)
	if slices.Equal(rows[0], rows[1]) || slices.Equal(answers[0], answers[1]) {
		t.Errorf("seeds 7 and 8 make the same world")
	}
}

// twice reads two worlds side by side, so that their clocks agree, and returns the rows and the answers of both.
func (s *suite) twice(t testing.TB, seeds ...uint64) (rows, answers [][]string) {
	rows, answers = make([][]string, len(seeds)), make([][]string, len(seeds))
	var wg sync.WaitGroup
	for i, seed := range seeds {
		x := s.open(t, setup{seed: seed})
		wg.Go(func() {
			for _, f := range x.harvest(false).done {
				rows[i] = append(rows[i], f.rows()...)
			}
			for _, e := range x.tap.exchanges() {
				status, _, body := e.received()
				answers[i] = append(answers[i], fmt.Sprintf("%s?%s: %d, %x", e.place(), e.query, status, sha256.Sum256(body)))
			}
			slices.Sort(answers[i]) // a driver may make several calls at once
			x.close()
		})
	}
	wg.Wait()
	return rows, answers
}

func firstDifference(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("\n%s\n%s", a[i], b[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(a), len(b))
}
