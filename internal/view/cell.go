package view

import (
	"cmp"
	"math"
	"strings"
	"time"
)

// Type says what a cell holds, and with that how it is compared.
type Type uint8

// The types of cells. An Absent cell is blank: it is not zero, and its Reason says why there is nothing.
const (
	Absent Type = iota
	Text
	Number
	Time // Num is in Unix seconds
	Bool // Num is 0 or 1
)

// Style is how a cell is drawn. Those from Running on come with a glyph of their own, because colour alone says
// nothing to many.
type Style uint8

// The styles.
const (
	Plain Style = iota
	Dim
	Warn
	Alarm
	Running
	Starting
	Stopping
	Stopped
	Failed
	Deleted
	Unknown
)

// Reason says why a cell is blank.
type Reason uint8

// The reasons.
const (
	NotSaid      Reason = iota // the provider does not say
	NotMeasured                // the metric exists, and there is no reading
	PriceUnknown               // it may cost something, and nobody says how much
	NoGPU                      // there is nothing to tell
	NotSuch                    // this kind of thing has no such value
)

// String returns the reason in words.
func (r Reason) String() string {
	switch r {
	case NotMeasured:
		return "not measured"
	case PriceUnknown:
		return "price unknown"
	case NoGPU:
		return "has no GPU"
	case NotSuch:
		return "does not apply"
	default:
		return "the provider does not say"
	}
}

// Cell is one value of a table: Text for people, Num for comparing and for machines.
type Cell struct {
	Text   string  // what is shown; empty where Type is Absent
	Num    float64 // of a Number in the column's unit; a Text with one sorts by it first
	Type   Type
	Style  Style
	Reason Reason // why an Absent cell is blank
}

// absent returns a blank cell.
func absent(why Reason) Cell { return Cell{Reason: why} }

// text returns a cell of s; blank where s is empty.
func text(s string) Cell {
	if s == "" {
		return Cell{}
	}
	return Cell{Text: s, Type: Text}
}

// number returns a cell of v in unit; blank for what is no number.
func number(v float64, unit Unit) Cell {
	if !finite(v) {
		return absent(NotMeasured)
	}
	return Cell{Text: unit.Format(v), Num: v, Type: Number}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// known returns a cell of v, blank where v is 0: for the counts of which 0 means unknown.
func known(v float64, unit Unit) Cell {
	if v == 0 {
		return Cell{}
	}
	return number(v, unit)
}

// moment returns a cell of t; blank where t is zero.
func moment(t time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	t = t.UTC()
	return Cell{Text: t.Format("2006-01-02 15:04"), Num: seconds(t), Type: Time}
}

// seconds returns t as Unix time with its fraction.
func seconds(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

// since returns a cell of the time from t to now, never below 0; blank where t is zero.
func since(t, now time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return number(max(0, now.Sub(t).Seconds()), Seconds)
}

// yes returns a cell of a boolean.
func yes(v bool) Cell {
	if v {
		return Cell{Text: "yes", Num: 1, Type: Bool}
	}
	return Cell{Text: "no", Type: Bool}
}

// Compare orders two cells that are not absent: numbers by size, before texts by rank and then by letters.
func (c *Cell) Compare(d *Cell) int {
	switch {
	case c.Type == Text && d.Type == Text:
		return cmp.Or(cmp.Compare(c.Num, d.Num), strings.Compare(c.Text, d.Text))
	case c.Type == Text:
		return 1
	case d.Type == Text:
		return -1
	}
	return cmp.Compare(c.Num, d.Num)
}
