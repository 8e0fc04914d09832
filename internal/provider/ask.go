package provider

// Part is what of a run an Ask belongs to.
type Part string

// The parts of a run. What connecting takes is counted, not told: --explain connects.
const (
	PartList    Part = "list"
	PartDetails Part = "details" // metrics and prices
	PartCosts   Part = "costs"
	PartOffers  Part = "offers"
	PartMarkets Part = "markets"
)

// Per says how often an Ask is made.
type Per int

// Each service makes its own Ask in each of its units: an account, in one compartment, and where the service is
// regional in one region; details are asked for all compartments of an account and region together. The others are
// made once for all services that need them.
const (
	PerUnit Per = iota
	PerAccount
	PerRun
)

// Ask says how many calls a reading takes, as far as that can be said before it is made: between Least and Most, and
// More for every further Page of rows.
type Ask struct {
	For      string // "instances", "jobs of each queue"
	Part     Part
	Services []string // who needs it; empty = every service
	Per      Per
	Least    int     // calls that are made even where there is nothing
	Most     int     // calls for the first page
	Page     int     // rows that a call brings; 0 = any number
	More     int     // calls for each further page; 0 = 1
	Limit    string  // the name of the Limit that holds these calls; empty = those that hold every call
	Billed   float64 // units of Spec.Bill, at most, for each row
}

// Calls returns the fewest and the most calls of an Ask that is made times over, for at most rows rows in all.
func (a *Ask) Calls(times, rows int) (least, most int) {
	least, most = a.Least*times, a.Most*times
	if a.Page > 0 && times > 0 {
		most += max(a.More, 1) * (rows / a.Page)
	}
	return least, most
}

// Bill is what a provider asks for being read.
type Bill struct {
	Unit   string  // what is counted: "time series returned"
	USD    float64 // per unit beyond the free ones; 0 = it is not known
	Free   float64 // units in a month
	Source string
}
