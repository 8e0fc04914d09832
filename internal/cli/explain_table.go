package cli

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"

	"github.com/adsops/cloudtop/internal/explain"
)

// writeExplained lays it out for a person.
func writeExplained(out io.Writer, doc *explained) error {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PROVIDER\tSERVICE\tCALLS\tSECONDS\tUSD\tFOR")
	for i := range doc.Providers {
		e := &doc.Providers[i]
		for _, l := range e.Lines {
			service := l.Service
			if service == "" {
				service = "(" + string(l.Part) + ")"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", e.Provider, service, whole(l.Calls), decimal(l.Seconds, 1), money(l.USD, false), purpose(&l, doc.Resources))
		}
		if e.Error != "" {
			fmt.Fprintf(w, "%s\t\t?\t?\t?\t%s\n", e.Provider, e.Error)
		}
		if len(e.Lines) == 0 {
			continue
		}
		fmt.Fprintf(w, "%s\t= all\t%s\t%s\t%s\t%s\n", e.Provider, whole(e.Calls), decimal(e.Seconds, 1), money(e.USD, false), counted(len(e.Accounts), "account"))
	}
	t := &doc.Total
	who := "all providers at the same time"
	if len(t.Without) > 0 {
		who = "without " + strings.Join(t.Without, ", ")
	}
	fmt.Fprintf(w, "TOTAL\t\t%s\t%s\t%s\t%s\n", whole(t.Calls), decimal(t.Seconds, 1), money(t.USD, t.Unknown), who)
	_ = w.Flush() // into memory
	for line := range strings.Lines(b.String()) {
		if _, err := fmt.Fprintln(out, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprint(out, footnotes(doc))
	return err
}

// purpose says what the calls of a line are for, and what makes them many.
func purpose(l *explain.Line, rows int) string {
	text := l.For
	switch {
	case l.Page == 1:
		text += ", one by one"
	case l.Page > 1 && l.Page <= rows:
		text += fmt.Sprintf(", %d rows a call", l.Page)
	}
	if l.Times > 1 {
		text += fmt.Sprintf(", in %d places", l.Times)
	}
	return text
}

// footnotes says what the figures rest on.
func footnotes(doc *explained) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nLeast: there is nothing. Most: %d resources per provider (--explain=n for others). A call is reckoned to take %g s;\n"+
		"where a published limit holds calls back for longer, that counts. What a cache still holds is not asked for again.\n"+
		"Telling this took %s.\n", doc.Resources, doc.Latency, counted(doc.Spent, "call"))
	if doc.EachDay != nil {
		fmt.Fprintf(&b, "At the interval of --refresh a day costs at most %.2f USD, beyond what a month has free.\n", doc.EachDay.Most)
	}
	for i := range doc.Providers {
		if e := &doc.Providers[i]; e.Note != "" {
			fmt.Fprintf(&b, "%s: %s\n", e.Provider, e.Note)
		}
	}
	for _, skip := range doc.Skipped {
		fmt.Fprintf(&b, "%s: left out, %s\n", skip.Provider, skip.Reason)
	}
	return b.String()
}

func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func whole(r explain.Range) string {
	return between(r, func(v float64) string { return fmt.Sprintf("%.0f", v) })
}

func decimal(r explain.Range, digits int) string {
	unit := math.Pow10(digits)
	return between(r, func(v float64) string { return fmt.Sprintf("%.*f", digits, math.Ceil(v*unit)/unit) })
}

// money writes dollars; "?" is a price that is not known.
func money(r *explain.Range, more bool) string {
	switch {
	case r == nil:
		return "?"
	case more:
		return decimal(*r, 4) + " + ?"
	case r.Most == 0:
		return "free"
	}
	return decimal(*r, 4)
}

func between(r explain.Range, text func(float64) string) string {
	least, most := text(r.Least), text(r.Most)
	if least == most {
		return least
	}
	return least + "-" + most
}
