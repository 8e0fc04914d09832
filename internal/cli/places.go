package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/pkg/glob"
	"github.com/adsops/cloudtop/pkg/nearest"
)

// checkPlaces refuses an account and a region that nobody has. Both are only known when everybody was asked.
func (s *session) checkPlaces(snap *hub.Snapshot) error {
	if s.options.offers || !snap.Done {
		return nil
	}
	query := s.options.query()
	if strangers, known := query.Strangers(snap); len(strangers) > 0 {
		return usagef("--account %q: no such account; there are %s", strings.Join(strangers, ","), strings.Join(known, ", "))
	}
	for _, region := range s.options.regions {
		if told, ok := nowhere(snap, region); ok {
			return usagef("--region %q: no provider that was asked has it\n%s", region, told)
		}
	}
	return nil
}

// nowhere reports whether every provider that was asked is known not to have a region, and what they say of theirs. Most
// do not tell their regions: whoever may have it has it.
func nowhere(s *hub.Snapshot, region string) (told string, ok bool) {
	var lines []string
	for i := range s.Units {
		u := &s.Units[i]
		if u.Capability != hub.Connect || u.State == hub.Skipped && u.Kind != cloud.KindUnsupported {
			continue
		}
		line, without := hasNot(s, u, region)
		if !without {
			return "", false
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n"), len(lines) > 0
}

// hasNot reports whether a provider is known not to have a region, by the line of its connection and its listings.
func hasNot(s *hub.Snapshot, connect *hub.Unit, region string) (told string, ok bool) {
	if connect.State == hub.Skipped {
		return "  " + connect.Reason + ": " + connect.Hint, true
	}
	var regions []string
	for i := range s.Units {
		if u := &s.Units[i]; u.Provider == connect.Provider && u.Capability == hub.Resources {
			regions = append(regions, u.Region)
		}
	}
	if connect.State != hub.OK || len(regions) == 0 || slices.Contains(regions, "") || glob.Any([]string{region}, regions...) {
		return "", false
	}
	slices.Sort(regions)
	return "  " + connect.Provider + ": was asked for " + strings.Join(slices.Compact(regions), ", "), true
}

// lostRegions tells of the regions that nothing is in: they may be mistyped, or empty. Whoever says that it has no such
// region is quoted; where nobody does, what was found tells where to look. Most keep to the regions that they
// are asked for, and then nothing was.
func (s *session) lostRegions(snap *hub.Snapshot) []string {
	found := regionsOf(snap)
	var told []string
	for _, region := range s.options.regions {
		if s.options.offers || inRegion(snap, region) {
			continue
		}
		lost := fmt.Sprintf("nothing is in the region %q%s", region, nearest.Hint(region, found))
		quoted := len(told)
		for i := range snap.Units {
			if u := &snap.Units[i]; u.Capability == hub.Connect && u.State == hub.Skipped && u.Kind == cloud.KindUnsupported {
				told = append(told, lost+"; "+u.Reason+": "+u.Hint)
			}
		}
		switch {
		case len(told) > quoted:
		case len(found) > 0:
			told = append(told, lost+"; what was found is in "+few(found))
		case len(snap.Failures()) == 0:
			told = append(told, lost+": it is mistyped, or empty")
		}
	}
	return told
}

// regionsOf returns the regions that resources of a snapshot are in.
func regionsOf(s *hub.Snapshot) []string {
	seen := map[string]bool{}
	for i := range s.Providers {
		for _, r := range s.Providers[i].Resources {
			seen[r.Region] = true
		}
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen))
}

// few joins the first names of a list, and counts the others.
func few(names []string) string {
	const most = 8
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}

// inRegion reports whether a snapshot has resources in a region.
func inRegion(s *hub.Snapshot, region string) bool {
	names := []string{region, strings.ReplaceAll(region, " ", "")}
	return slices.ContainsFunc(s.Providers, func(p hub.Provider) bool {
		return slices.ContainsFunc(p.Resources, func(r *cloud.Resource) bool { return glob.Any(names, r.Region) })
	})
}
