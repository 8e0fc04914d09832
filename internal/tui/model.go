package tui

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// beat is how often the screen looks how the round goes.
const beat = 200 * time.Millisecond

// pane is what fills the middle of the screen.
type pane uint8

const (
	table pane = iota
	details
	ledger
	help
)

// model is the state of the screen. Only Update changes it, and View only reads it.
type model struct {
	ctx     context.Context // of the commands that wait
	opts    *Options
	painter *paint.Painter

	width, height int
	clock         time.Time // real time at the last beat
	round         Round

	picture  *picture      // what is shown; nil = nothing was published yet
	before   *inventory    // of the last finished round
	pending  *hub.Snapshot // newer than the picture; nil = there is none
	making   bool          // a picture is being made
	outdated bool          // ... of settings that are no longer asked for
	settings settings
	cursor   cursor
	typing   bool // the line of the search has the keys
	line     line
	pane     pane
	lines    []string // of a pane that is not the table
	scroll   int      // the first of them in the window
	shown    identity // whose details are shown
	note     string   // answers a key until the next one
	err      error

	interrupted bool
}

func newModel(ctx context.Context, o *Options) *model {
	painter := &paint.Painter{Color: o.Color, Unicode: o.Unicode, Simple: true, Measure: ansi.WcWidth}
	return &model{
		painter: painter,
		ctx:     ctx, opts: o, width: o.Width, height: o.Height, clock: time.Now(), round: o.Rounds.State(),
		settings: settings{order: o.Query.Sort},
	}
}

// The messages of the screen's own commands.
type (
	published struct{ snap *hub.Snapshot } // by the hub
	made      struct {
		picture *picture
		err     error
	}
	beaten struct{ at time.Time }
)

// Init waits for the first snapshot.
func (m *model) Init() tea.Cmd { return tea.Batch(m.wait(0), m.beat()) }

// wait returns the command that waits for a snapshot newer than version.
func (m *model) wait(version uint64) tea.Cmd {
	return func() tea.Msg {
		s, err := m.opts.Hub.Wait(m.ctx, version)
		if err != nil {
			return nil
		}
		return published{s}
	}
}

func (m *model) beat() tea.Cmd {
	return tea.Tick(beat, func(at time.Time) tea.Msg { return beaten{at} })
}

// Update takes a message. It waits for nothing.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.place()
	case tea.ModeReportMsg:
		return m, m.learnMode(msg)
	case tea.KeyPressMsg:
		return m, m.key(tea.Key(msg))
	case tea.PasteMsg:
		if m.typing {
			m.line.insert(msg.Content)
			return m, m.searchFor(m.line.String())
		}
	case published:
		m.pending, m.round = msg.snap, m.opts.Rounds.State()
		return m, m.make()
	case made:
		return m, m.adopt(msg)
	case beaten:
		m.clock, m.round = msg.at, m.opts.Rounds.State()
		return m, m.beat()
	}
	return m, nil
}

// learnMode takes what the terminal says of itself: whether it counts the columns of what runes make together (mode
// 2027). Bubble Tea draws by the same answer, and until it comes by runes.
func (m *model) learnMode(msg tea.ModeReportMsg) tea.Cmd {
	if msg.Mode != ansi.ModeUnicodeCore || msg.Value == ansi.ModeNotRecognized || msg.Value == ansi.ModePermanentlyReset {
		return nil
	}
	painter := *m.painter
	painter.Measure = ansi.GraphemeWidth
	m.painter, m.outdated = &painter, true
	if m.picture == nil {
		return nil
	}
	return m.make()
}

// make returns the command that makes the picture of what is newest. One is made at a time, and no newer snapshot is
// waited for until it is there: who is slow skips snapshots. Changes are told from what the last finished round had.
func (m *model) make() tea.Cmd {
	if m.making {
		return nil
	}
	if m.pending != nil && m.picture != nil && m.picture.snap.Done {
		m.before = m.picture.all
	}
	j := &job{opts: m.opts, painter: *m.painter, snap: m.pending, before: m.before, settings: m.settings, last: m.picture}
	if m.pending == nil {
		j.snap = m.picture.snap
	}
	m.pending, m.making, m.outdated = nil, true, false
	return func() tea.Msg {
		p, err := j.picture()
		return made{p, err}
	}
}

// adopt shows a picture.
func (m *model) adopt(msg made) tea.Cmd {
	m.making = false
	if msg.err != nil {
		m.err = msg.err
		return tea.Quit
	}
	var old []view.Row
	newer := true
	if m.picture != nil {
		old, newer = m.picture.rows, m.picture.snap != msg.picture.snap
	}
	m.picture = msg.picture
	m.cursor.follow(old, m.picture.rows, m.areas().rows)
	m.place()
	var cmds []tea.Cmd
	if newer {
		cmds = append(cmds, m.wait(m.picture.snap.Version))
	}
	if m.outdated || m.pending != nil {
		cmds = append(cmds, m.make())
	}
	return tea.Batch(cmds...)
}

// set changes the settings of the table.
func (m *model) set(s settings) tea.Cmd {
	if s == m.settings {
		return nil
	}
	m.settings = s
	if m.picture == nil {
		return nil
	}
	m.outdated = true
	return m.make()
}

func (m *model) searchFor(text string) tea.Cmd {
	return m.set(settings{search: strings.TrimSpace(text), order: m.settings.order})
}

// orders returns what s goes through: the order that was asked for, then each column; numbers begin with the largest.
func (m *model) orders() []string {
	out := []string{m.opts.Query.Sort}
	if m.picture == nil {
		return out
	}
	for _, c := range m.picture.columns {
		switch {
		case c.Name == readName:
		case c.Right:
			out = append(out, "-"+c.Name)
		default:
			out = append(out, c.Name)
		}
	}
	return out
}

// sortNext sorts by the column after the one that is sorted by.
func (m *model) sortNext() tea.Cmd {
	orders := m.orders()
	at := slices.IndexFunc(orders, func(o string) bool { return strings.TrimPrefix(o, "-") == strings.TrimPrefix(m.settings.order, "-") })
	return m.set(settings{search: m.settings.search, order: orders[(at+1)%len(orders)]})
}

// reverse turns the order around.
func (m *model) reverse() tea.Cmd {
	if m.settings.order == "" {
		m.note = "s chooses a column to sort by first"
		return nil
	}
	order, down := strings.CutPrefix(m.settings.order, "-")
	if !down {
		order = "-" + order
	}
	return m.set(settings{search: m.settings.search, order: order})
}

// place keeps what is shown within the window.
func (m *model) place() {
	if m.picture != nil {
		m.cursor.settle(m.picture.rows, m.areas().rows)
	}
	m.fill()
	m.scroll = max(min(m.scroll, len(m.lines)-m.areas().rows), 0)
}
