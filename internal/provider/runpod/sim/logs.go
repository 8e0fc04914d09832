package runpodsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// mostLines is how many lines a container has written, one a minute since it started.
const mostLines = 200

func (c *cloud) podLogs(r *http.Request) (any, *problem) {
	i := slices.IndexFunc(c.pods, func(p *pod) bool { return p.id == r.PathValue("id") })
	if i < 0 {
		return nil, notFound("pod")
	}
	return c.logs(r, c.pods[i].started())
}

func (c *cloud) workerLogs(r *http.Request) (any, *problem) {
	for _, e := range c.endpoints {
		if e.id != r.PathValue("id") {
			continue
		}
		for i := range e.statuses {
			if e.workerID(i) == r.PathValue("workerId") {
				return c.logs(r, e.created)
			}
		}
		return nil, notFound("worker")
	}
	return nil, notFound("endpoint")
}

// logs answers what was written, as Server-Sent Events: the last lines, or all after since or Last-Event-ID. The real
// stream then waits for more; this one ends.
func (c *cloud) logs(r *http.Request, from time.Time) (any, *problem) {
	q := queryOf(r)
	source := q.one("source", of("container", "system"))
	tail := q.number("tail", 0, 5000, 100)
	since := q.time("since", time.Time{})
	if id, _, _ := strings.Cut(r.Header.Get("Last-Event-ID"), "/"); id != "" {
		q.values.Set("Last-Event-ID", id)
		since = q.time("Last-Event-ID", since)
	}
	if p := q.invalid(); p != nil {
		return nil, p
	}
	var lines []string
	for n := range mostLines {
		at := from.Add(time.Duration(n) * time.Minute)
		of := []string{"container", "system"}[n%2]
		if at.After(c.world.Now()) || (source != "" && of != source) || !at.After(since) {
			continue
		}
		data, _ := json.Marshal(map[string]string{"ts": at.Format(stamp), "source": of, "line": fmt.Sprintf("step %d %s", n, secret)})
		lines = append(lines, fmt.Sprintf("id: %s/%012d\ndata: %s\n\n", at.Format(stamp), n, data))
	}
	if since.IsZero() {
		lines = lines[max(len(lines)-tail, 0):]
	}
	return events(strings.Join(lines, "")), nil
}
