package oracle

import (
	"slices"
	"sync"
)

// notes are what listings leave for the readers of metrics.
type notes struct {
	tags tagSets

	mu    sync.Mutex
	quiet map[string]int             // instances that are coming or going and have no metrics, by region/compartment
	ads   map[string]map[string]bool // availability domains that were seen, by region
}

func newNotes() *notes {
	return &notes{quiet: map[string]int{}, ads: map[string]map[string]bool{}}
}

func (n *notes) setQuiet(region, compartment string, count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.quiet[region+"/"+compartment] = count
}

// quietIn returns how many instances of these compartments are coming or going.
func (n *notes) quietIn(region string, compartments []string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	sum := 0
	for _, c := range compartments {
		sum += n.quiet[region+"/"+c]
	}
	return sum
}

func (n *notes) sawAD(region, ad string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ads[region] == nil {
		n.ads[region] = map[string]bool{}
	}
	n.ads[region][ad] = true
}

// adsOf returns the availability domains that were seen in a region, sorted.
func (n *notes) adsOf(region string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]string, 0, len(n.ads[region]))
	for ad := range n.ads[region] {
		out = append(out, ad)
	}
	slices.Sort(out)
	return out
}
