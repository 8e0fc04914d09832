package cloudflare

import (
	"cmp"
	"encoding/json"
	"errors"
	"time"
	"unique"

	"github.com/adsops/cloudtop/pkg/loose"
)

// row is one group of a dataset's answer, with as little around its readings as can be: there are many thousand.
type row struct {
	of     loose.Text // the resource: the dimension that names a script, bucket, database, namespace, model or queue
	action loose.Text // its type, or its status, whichever the rows are grouped by
	class  loose.Text // of storage
	at     time.Time  // the finest time that the rows are grouped by
	values            // of every part: no name is in two parts of a node
}

// UnmarshalJSON implements json.Unmarshaler. Every part may be null; a null reading is none.
func (r *row) UnmarshalJSON(data []byte) error {
	*r = row{}
	var g struct {
		Count      loose.Number `json:"count"`
		Dimensions dimensions   `json:"dimensions"`

		Sum       *values `json:"sum"` // all four are read into the row
		Max       *values `json:"max"`
		Avg       *values `json:"avg"`
		Quantiles *values `json:"quantiles"`
	}
	g.Sum, g.Max, g.Avg, g.Quantiles = &r.values, &r.values, &r.values, &r.values
	if err := json.Unmarshal(data, &g); err != nil {
		return err
	}
	if g.Count.Known {
		r.values = append(r.values, reading{unique.Make("count"), g.Count.Value})
	}
	d := &g.Dimensions
	r.of = cmp.Or(d.ScriptName, d.BucketName, d.DatabaseID, d.NamespaceID, d.ModelID, d.QueueID)
	r.action, r.class = once(cmp.Or(d.ActionType, d.ActionStatus)), once(d.StorageClass)
	for _, at := range []loose.Time{d.Datetime, d.DatetimeHour, d.Date} {
		if !at.IsZero() {
			r.at = at.Time
			break
		}
	}
	return nil
}

type dimensions struct {
	ScriptName   loose.Text `json:"scriptName"`
	BucketName   loose.Text `json:"bucketName"`
	StorageClass loose.Text `json:"storageClass"`
	ActionStatus loose.Text `json:"actionStatus"`
	ActionType   loose.Text `json:"actionType"`
	DatabaseID   loose.Text `json:"databaseId"`
	NamespaceID  loose.Text `json:"namespaceId"`
	ModelID      loose.Text `json:"modelId"`
	QueueID      loose.Text `json:"queueId"`
	Date         loose.Time `json:"date"`
	Datetime     loose.Time `json:"datetime"`
	DatetimeHour loose.Time `json:"datetimeHour"`
}

// once returns the word that many rows share.
func once(word loose.Text) loose.Text { return unique.Make(word).Value() }

// groups are the rows of one alias.
type groups struct {
	rows       []row
	newestOnly bool // of rows that differ in their time alone, the newest is kept
	elements   int  // of the answer, be they kept or not
	odd        int  // those that cannot be read
	first      time.Time
	atFirst    int // elements of the same time as the first
	index      map[key]int
}

// key is what rows have in common that differ in their time alone.
type key struct{ of, class loose.Text }

// take reads the next element. One that cannot be read is counted.
func (g *groups) take(from *json.Decoder) error {
	var r row
	err := from.Decode(&r)
	if _, mistyped := errors.AsType[*json.UnmarshalTypeError](err); mistyped {
		g.elements++
		g.odd++
		return nil
	}
	if err != nil {
		return err
	}
	if g.elements == g.odd {
		g.first = r.at
	}
	g.elements++
	if r.at.Equal(g.first) {
		g.atFirst++
	}
	g.keep(&r)
	return nil
}

func (g *groups) keep(r *row) {
	if !g.newestOnly {
		g.rows = append(g.rows, *r)
		return
	}
	k := key{r.of, r.class}
	at, seen := g.index[k]
	switch {
	case !seen:
		if g.index == nil {
			g.index = map[key]int{}
		}
		g.index[k] = len(g.rows)
		g.rows = append(g.rows, *r)
	case r.at.After(g.rows[at].at):
		g.rows[at] = *r
	}
}

// cut reports whether rows are missing that a limit kept back. Of an answer in order of time only what belongs to the
// newest moment counts: older rows are not needed.
func (g *groups) cut(limit int) bool {
	if g.newestOnly {
		return g.atFirst >= limit
	}
	return g.elements >= limit
}
