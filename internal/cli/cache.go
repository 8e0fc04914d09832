package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/adsops/cloudtop/internal/cache"
	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/view"
)

func (a *app) cacheCommand(registry provider.Registry) *cobra.Command {
	o := listOptions{registry: registry}
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Show or clear what is kept of earlier answers",
		Long: `Show or clear what is kept of earlier answers. Where it is kept, how much of it and for how long is the part "cache" of
the configuration. --no-cache asks the providers without it, --refresh-cache asks them anew and keeps what they say.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&o.config, "config", "", "configuration `file` (default ~/.config/cloudtop/config.json)")
	cmd.AddCommand(a.cacheStatus(&o), a.cacheClear(&o))
	return cmd
}

func (a *app) cacheStatus(o *listOptions) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Where answers are kept, how many, how old, of which provider",
		Example: "  cloudtop cache status\n  cloudtop cache status --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withCache(o, func(s cache.Store) error {
				kept, err := s.Status(cmd.Context())
				if err != nil {
					return err
				}
				return a.printKept(describeKept(kept, o, a.now()), asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func (a *app) cacheClear(o *listOptions) *cobra.Command {
	return &cobra.Command{
		Use:     "clear",
		Short:   "Remove all answers that are kept, and say how many there were",
		Example: "  cloudtop cache clear",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withCache(o, func(s cache.Store) error { return a.clear(cmd.Context(), s, o) })
		},
	}
}

func (a *app) clear(ctx context.Context, s cache.Store, o *listOptions) error {
	removed, err := s.Clear(ctx)
	if err != nil {
		return fmt.Errorf("%w (removed before: %d)", err, removed)
	}
	if o.configFile.Cache.Backend == cache.Memory {
		_, err = fmt.Fprintln(a.out, "nothing to remove: "+withinOneRun)
		return err
	}
	noun := "answers"
	if removed == 1 {
		noun = "answer"
	}
	_, err = fmt.Fprintf(a.out, "removed %d %s\n", removed, noun)
	return err
}

// withCache reads the configuration and hands its store over.
func (a *app) withCache(o *listOptions, do func(cache.Store) error) error {
	if err := o.readConfig(a); err != nil {
		return err
	}
	s, err := a.openCache(&o.configFile.Cache)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	return do(s)
}

// withinOneRun is why the memory backend has nothing to show.
const withinOneRun = "the memory backend keeps answers within one run, between the rounds of --refresh"

// kept is what `cloudtop cache status` says.
type kept struct {
	Enabled    bool        `json:"enabled"`
	Backend    string      `json:"backend"`
	Place      string      `json:"place,omitempty"`
	MaxEntries int         `json:"max_entries"` // 0 = no bound
	Note       string      `json:"note,omitempty"`
	Unreadable int         `json:"unreadable"` // entries that are misses until they are replaced
	Total      keptShare   `json:"total"`
	Providers  []keptShare `json:"providers"`
}

// keptShare is what is kept of one provider, or of all.
type keptShare struct {
	Provider string   `json:"provider,omitempty"`
	Entries  int      `json:"entries"`
	Bytes    int64    `json:"bytes"`
	Oldest   *float64 `json:"oldest_age_seconds"` // nil where there are no entries
	Newest   *float64 `json:"newest_age_seconds"`
}

func describeKept(s cache.Status, o *listOptions, now time.Time) kept {
	c := &o.configFile.Cache
	k := kept{
		Enabled: c.Enabled, Backend: s.Backend, Place: s.Place, MaxEntries: c.MaxSize, Unreadable: s.Broken,
		Total: describeShare(s.Total, now), Providers: make([]keptShare, len(s.Providers)),
	}
	for i, share := range s.Providers {
		k.Providers[i] = describeShare(share, now)
	}
	switch {
	case !c.Enabled:
		k.Note = "the cache is switched off (cache.enabled)"
	case s.Backend == cache.Memory:
		k.Note = withinOneRun
	}
	return k
}

func describeShare(s cache.Share, now time.Time) keptShare {
	k := keptShare{Provider: s.Provider, Entries: s.Entries, Bytes: s.Bytes}
	if s.Entries > 0 {
		k.Oldest, k.Newest = new(now.Sub(s.Oldest).Seconds()), new(now.Sub(s.Newest).Seconds())
	}
	return k
}

func (a *app) printKept(k kept, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		return enc.Encode(k)
	}
	head := k.head()
	if err := a.writeSheet(&head); err != nil || len(k.Providers) == 0 {
		return err
	}
	shares := output.Sheet{Columns: []view.Column{
		{Title: "PROVIDER"}, {Title: "ENTRIES", Right: true}, {Title: "SIZE", Right: true}, {Title: "OLDEST", Right: true}, {Title: "NEWEST", Right: true},
	}}
	for _, share := range append(k.Providers, k.Total) {
		shares.Add(cmp.Or(share.Provider, "all"), strconv.Itoa(share.Entries), view.Bytes.Format(float64(share.Bytes)), age(share.Oldest), age(share.Newest))
	}
	if _, err := fmt.Fprintln(a.out); err != nil {
		return writeErr(err)
	}
	return a.writeSheet(&shares)
}

// writeSheet writes a table as wide as the terminal.
func (a *app) writeSheet(s *output.Sheet) error {
	return writeErr(s.Write(a.out, output.Options{Width: a.width(), Unicode: a.unicode()}))
}

// width is that of the terminal; 0 where there is none.
func (a *app) width() int {
	if !a.outTTY {
		return 0
	}
	w, _ := a.size()
	return w
}

// head says what there is of the cache as a whole.
func (k *kept) head() output.Sheet {
	s := output.Sheet{Columns: []view.Column{{}, {Free: true}}}
	most, unreadable := "", ""
	if k.MaxEntries > 0 {
		most = fmt.Sprintf(" of at most %d", k.MaxEntries)
	}
	if k.Unreadable > 0 {
		unreadable = fmt.Sprintf("%d, which are asked for again when they are needed", k.Unreadable)
	}
	for _, line := range [][]string{
		{"backend", k.Backend}, {"place", k.Place}, {"entries", strconv.Itoa(k.Total.Entries) + most}, {"unreadable", unreadable}, {"note", k.Note},
	} {
		if line[1] != "" {
			s.Add(line...)
		}
	}
	return s
}

// age is how long ago something was, for people.
func age(seconds *float64) string {
	if seconds == nil {
		return ""
	}
	return view.Seconds.Format(max(0, *seconds))
}
