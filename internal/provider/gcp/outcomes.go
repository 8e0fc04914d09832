package gcp

import (
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

// The labels that tell how requests ended: "ok" or why an execution failed, "5xx" where a service failed.
const (
	executionStatus = "metric.labels.status"
	responseClass   = "metric.labels.response_code_class"
)

// outcome returns the label by which a meter tells failures; it is empty where it does not.
func (m *meter) outcome() string {
	for _, label := range []string{executionStatus, responseClass} {
		if slices.Contains(m.by, label) {
			return label
		}
	}
	return ""
}

func failed(label, outcome string) bool {
	if label == executionStatus {
		return outcome != "ok"
	}
	return outcome == "5xx"
}

// tally joins the series of outcomes, which come in any order and on any page.
type tally map[owner]*ended

// ended is how much there was a second in the newest minute that anything was counted in.
type ended struct {
	at          cloud.Instant
	all, failed float64
	unclear     bool // a part of it ended nobody knows how
}

// add counts a series. One whose newest minute is an older one had nothing in the newest.
func (t tally) add(m *meter, s *newest) {
	label, whose := m.outcome(), m.owner(s.labels)
	c := t[whose]
	if c == nil || s.at > c.at {
		c = &ended{at: s.at}
		t[whose] = c
	}
	if s.at < c.at {
		return
	}
	outcome := s.metric[strings.TrimPrefix(label, "metric.labels.")]
	c.all += s.value
	c.unclear = c.unclear || outcome == ""
	if failed(label, outcome) {
		c.failed += s.value
	}
}

// readings are how many there were and how many of them failed, where that is known.
func (t tally) readings(m *meter) []seriesReading {
	var out []seriesReading
	for whose, c := range t {
		out = append(out, seriesReading{whose, cloud.Metric{Name: m.metric, Value: c.all, At: c.at}})
		if !c.unclear {
			out = append(out, seriesReading{whose, cloud.Metric{Name: cloud.ErrorsPerSec, Value: c.failed, At: c.at}})
		}
	}
	return out
}
