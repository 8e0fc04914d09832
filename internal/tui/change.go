package tui

import "github.com/adsops/cloudtop/internal/view"

// change is what became of a row or a cell since the last finished round.
type change uint8

const (
	same change = iota
	appeared
	vanished
	aging // it is older than this round
	rose
	fell
	other
)

// sign returns the glyph of a change; each takes one column, also that of none.
func (c change) sign(unicode bool) string {
	if unicode {
		return [...]string{" ", "+", "-", "~", "▲", "▼", "•"}[c]
	}
	return [...]string{" ", "+", "-", "~", "^", "v", "*"}[c]
}

// changeOf returns what became of a row, and what it was before; nil where it is new or there was no round before.
func (p *picture) changeOf(r *view.Row) (c change, old *view.Row) {
	id := identify(r)
	if p.all.find(id) == nil {
		return vanished, nil
	}
	old = p.before.find(id)
	switch {
	case p.before != nil && old == nil:
		return appeared, nil
	case p.unit(r) != nil:
		return aging, old
	}
	return same, old
}

// changed returns what became of the value of a column: was is the row as it was before.
func (p *picture) changed(col *view.Column, now *view.Cell, was *view.Row) change {
	if was == nil || col.Unit == view.Moment || col.Name == "age" || col.Name == readName {
		return same // that time passes is no news
	}
	then := *was
	then.Now = p.now
	old := p.cell(&then, col)
	switch {
	case old.Type == now.Type && old.Text == now.Text:
		return same
	case old.Type != view.Number || now.Type != view.Number || old.Num == now.Num:
		return other
	case now.Num > old.Num:
		return rose
	default:
		return fell
	}
}
