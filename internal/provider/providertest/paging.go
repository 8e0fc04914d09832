package providertest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// page is one kind of thing that is listed in pages of so many rows.
type page struct {
	service, kind string
	rows          int
}

// longestPage is the longest for which a world is sought that just fills it: larger ones take too long to make. Longer
// pages are met by the worlds of about a thousand resources.
const longestPage = 250

// pageNames are the parameters by which APIs are told how many rows to send at most.
func pageNames() []string {
	return []string{
		"limit", "per_page", "perPage", "page_size", "pageSize", "maxResults", "max_results", "maxresults", "top", "$top",
		"first", "size",
	}
}

// pages reads a large world and returns the page sizes that the calls ask for, and those that are given as options.
func (s *suite) pages(t testing.TB) []page {
	t.Helper()
	x := s.open(t, setup{count: max(s.size, 100)})
	h := x.harvest(true)
	x.close()
	services := map[string]string{}
	kinds := map[string]map[string]int{}
	for _, f := range h.done {
		if f.kind == "list" {
			services[f.name] = f.service
			for i := range f.resources {
				r := &f.resources[i]
				if kinds[f.service] == nil {
					kinds[f.service] = map[string]int{}
				}
				kinds[f.service][r.Type]++
			}
		}
	}
	sizes := map[string][]int{}
	for service, rows := range s.pageSizes {
		sizes[service] = append(sizes[service], rows...)
	}
	for _, e := range x.tap.exchanges() {
		if service := services[e.task]; service != "" && s.pageSizes[service] == nil {
			if n := e.pageSize(); n > 1 && !slices.Contains(sizes[service], n) {
				sizes[service] = append(sizes[service], n)
			}
		}
	}
	var all []page
	for _, svc := range s.spec.Services {
		for _, rows := range sizes[svc.Name] {
			if kind := commonest(kinds[svc.Name]); kind != "" && rows <= longestPage {
				all = append(all, page{service: svc.Name, kind: kind, rows: rows})
			}
		}
	}
	return all
}

// commonest returns the kind that there is most of.
func commonest(kinds map[string]int) string {
	best := ""
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if best == "" || kinds[kind] > kinds[best] {
			best = kind
		}
	}
	return best
}

func (p page) String() string { return fmt.Sprintf("%s %s in pages of %d", p.service, p.kind, p.rows) }

// pageSize returns how many rows the call asks for at most, 0 where it does not say.
func (x *exchange) pageSize() int {
	q, _ := url.ParseQuery(x.query)
	for _, name := range pageNames() {
		if n, err := strconv.Atoi(q.Get(name)); err == nil {
			return n
		}
	}
	var body map[string]any
	if json.Unmarshal(x.body, &body) != nil {
		return 0
	}
	options, _ := body["options"].(map[string]any)
	for _, m := range []map[string]any{body, options} {
		for _, name := range pageNames() {
			if n, ok := m[name].(float64); ok {
				return int(n)
			}
		}
	}
	return 0
}

// pagingChecks read worlds of many sizes, and worlds with just so many of a kind that a page is full, or not quite, or
// full and one more.
func (s *suite) pagingChecks(pages []page) []check {
	var all []check
	for _, n := range s.counts {
		all = append(all, check{name: fmt.Sprintf("paging/%d resources", n), run: func(t testing.TB) { s.findsAll(t, n, 0) }})
	}
	for _, p := range pages {
		for _, want := range []int{0, 1, p.rows - 1, p.rows, p.rows + 1, 2*p.rows + 1} {
			all = append(all, check{
				name: fmt.Sprintf("paging/%s/%d of them", p, want),
				run:  func(t testing.TB) { s.fullPages(t, p, want) },
			})
		}
	}
	return all
}

// findsAll reads a world of n resources and compares what was found by name.
func (s *suite) findsAll(t testing.TB, n int, seed uint64) {
	x := s.open(t, setup{count: n, empty: n == 0, seed: seed})
	h := x.harvest(true)
	h.mustBeComplete(x)
	x.close()
	truth := map[key]int{}
	for _, r := range x.cloud.Truth().Resources {
		truth[key{r.Account, r.Service, r.ID}]++
	}
	lost, all := 0, len(truth)
	for _, r := range h.resources() {
		truth[key{r.Account, r.Service, r.ID}]--
	}
	for k, left := range truth {
		if left != 0 {
			if lost++; lost <= 3 {
				t.Errorf("%v was found %d times, want once", k, 1-left)
			}
		}
	}
	if lost > 3 {
		t.Errorf("%d of %d resources were not found once", lost, all)
	}
}

// fullPages looks for a world that has want of the page's kind in one place, and reads it.
func (s *suite) fullPages(t testing.TB, p page, want int) {
	const tries, most = 20, 10_000
	low, high := 0, max(2*want, 4)
	for s.most(t, p, high) < want && high < most {
		low, high = high, 2*high
	}
	for i := 0; i < tries && low <= high; i++ {
		mid := (low + high) / 2
		switch n := s.most(t, p, mid); {
		case n == want:
			s.findsAll(t, mid, 0)
			return
		case n < want:
			low = mid + 1
		default:
			high = mid - 1
		}
	}
	t.Skipf("no world of at most %d resources has %d %s in one place", most, want, p.kind)
}

// most returns the largest number of the page's kind in one place, in a world of n resources.
func (s *suite) most(t testing.TB, p page, n int) int {
	world := sim.NewWorld(sim.Options{Seed: 1, Counts: map[string]int{s.spec.Name: n}, Resources: n})
	type spot struct{ account, region, compartment string }
	count := map[spot]int{}
	most := 0
	svc, _ := s.spec.Service(p.service)
	for _, r := range s.newCloud(world).Truth().Resources {
		if r.Service != p.service || r.Type != p.kind {
			continue
		}
		at := spot{account: r.Account, compartment: r.Compartment}
		if svc.Regional {
			at.region = r.Region
		}
		count[at]++
		most = max(most, count[at])
	}
	return most
}
