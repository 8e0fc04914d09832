package view

import (
	"slices"

	"github.com/adsops/cloudtop/internal/hub"
)

// unitColumns returns the columns of the ledger, in the order in which they are shown.
func unitColumns() []Column {
	said := func(f func(*hub.Unit) string) func(*Row) Cell {
		return func(r *Row) Cell {
			c := text(f(r.Unit))
			c.Reason = NotSuch
			return c
		}
	}
	return []Column{
		{Name: "provider", Title: "PROVIDER", Weight: 95, value: said(func(u *hub.Unit) string { return u.Provider })},
		ledgerAccount(),
		{Name: "region", Title: "REGION", Weight: 80, Free: true, value: said(func(u *hub.Unit) string { return u.Region })},
		{
			Name: "compartment", Title: "COMPARTMENT", Weight: 55, Free: true, Middle: true,
			value: said(func(u *hub.Unit) string { return u.Compartment }),
		},
		{Name: "service", Title: "SERVICE", Weight: 85, Free: true, value: said(func(u *hub.Unit) string { return u.Service })},
		{Name: "capability", Title: "ASKED", Weight: 82, value: said(func(u *hub.Unit) string { return string(u.Capability) })},
		{Name: "state", Title: "STATE", Weight: 100, Aliases: []string{"status"}, value: stateCell},
		{Name: "kind", Title: "KIND", Set: Wide, Weight: 20, value: said(func(u *hub.Unit) string { return string(u.Kind) })},
		{Name: "calls", Title: "CALLS", Weight: 40, Right: true, value: func(r *Row) Cell { return whole(r.Unit.Calls) }},
		{Name: "rows", Title: "ROWS", Weight: 45, Right: true, value: func(r *Row) Cell { return whole(r.Unit.Rows) }},
		{
			Name: "took", Title: "TOOK", Weight: 35, Right: true, Unit: Seconds, Aliases: []string{"took_seconds"},
			value: func(r *Row) Cell { return known(r.Unit.Took.Seconds(), Seconds) },
		},
		{
			Name: "age", Title: "AGE", Weight: 15, Set: Wide, Right: true, Unit: Seconds,
			value: func(r *Row) Cell { return since(r.Unit.At, r.Now) },
		},
		{Name: "cached", Title: "CACHED", Weight: 14, Set: Wide, value: func(r *Row) Cell { return yes(r.Unit.Cached) }},
		{Name: "at", Title: "AT", Set: ByName, Unit: Moment, value: func(r *Row) Cell { return moment(r.Unit.At) }},
		{Name: "reason", Title: "REASON", Weight: 50, Free: true, value: said(func(u *hub.Unit) string { return u.Reason })},
		{Name: "hint", Title: "HINT", Weight: 10, Set: Wide, Free: true, value: said(func(u *hub.Unit) string { return u.Hint })},
	}
}

// ledgerAccount is blank for what is not of one account.
func ledgerAccount() Column {
	c := accountColumn(Column{Weight: 60, Several: true}, func(r *Row) string { return r.Unit.Account })
	name := c.value
	c.value = func(r *Row) Cell {
		cell := name(r)
		cell.Reason = NotSuch
		return cell
	}
	return c
}

// stateCell sorts by the order in which states are counted.
func stateCell(r *Row) Cell {
	c := Cell{Text: string(r.Unit.State), Type: Text, Num: float64(slices.Index(hub.States(), r.Unit.State))}
	switch r.Unit.State {
	case hub.OK:
		c.Style = Running
	case hub.Partial, hub.Stale:
		c.Style = Stopping
	case hub.Denied, hub.Throttled, hub.Failed:
		c.Style = Failed
	case hub.Pending:
		c.Style = Starting
	case hub.Skipped:
		c.Style = Stopped
	}
	return c
}
