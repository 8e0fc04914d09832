package runpodsim

import (
	"iter"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
)

// item is what one thing of the account costs an hour, in USD, since it was made.
type item struct {
	kind   string // of the bill it is on
	id     string
	since  time.Time
	hourly map[string]float64 // by part
}

// bill says what one of the bills tells. In the whole one a part has the kind before it: podGpuAmount.
type bill struct {
	kind   string   // "" = the whole
	parts  []string // "GpuAmount"; none where only the total is told
	id     string   // the member, and the filter, that names a thing; "" where they are not told apart
	unique string   // the member that counts the things
}

func whole() bill { return bill{} }

func ofPods() bill {
	return bill{"pod", []string{"GpuAmount", "CpuAmount", "DiskAmount"}, "podId", "uniquePodCount"}
}

func ofServerless() bill {
	return bill{"serverless", []string{"GpuAmount", "CpuAmount", "DiskAmount", "FeeAmount"}, "serverlessId", "uniqueServerlessCount"}
}

func ofVolumes() bill {
	return bill{"storage", []string{"StandardAmount", "HighPerformanceAmount"}, "networkVolumeId", "uniqueNetworkVolumeCount"}
}

func ofClusters() bill {
	return bill{"cluster", []string{"GpuAmount", "DiskAmount", "NetworkingAmount"}, "clusterId", "uniqueClusterCount"}
}

// ofPublicEndpoints is the bill of models that RunPod runs for all; this account uses none.
func ofPublicEndpoints() bill { return bill{kind: "endpoint"} }

// names are the members that hold amounts, without the total.
func (b bill) names() []string {
	if b.kind != "" {
		names := make([]string, len(b.parts))
		for i, part := range b.parts {
			names[i] = strings.ToLower(part[:1]) + part[1:]
		}
		return names
	}
	names := []string{"endpointAmount"}
	for _, own := range []bill{ofPods(), ofServerless(), ofVolumes(), ofClusters()} {
		for _, part := range own.parts {
			names = append(names, own.kind+part)
		}
	}
	return names
}

// name is the member that holds a part of an item.
func (b bill) name(it *item, part string) string {
	if b.kind == "" {
		return it.kind + part
	}
	return strings.ToLower(part[:1]) + part[1:]
}

// items are all things that cost something.
func (c *cloud) items() []item {
	var all []item
	for _, p := range c.pods {
		switch {
		case p.cluster != nil:
			all = append(all, item{"cluster", p.cluster.id, p.created, map[string]float64{"GpuAmount": p.cost}})
		case p.gpu != nil:
			all = append(all, item{"pod", p.id, p.created, map[string]float64{"GpuAmount": p.cost, "DiskAmount": p.diskHour()}})
		default:
			all = append(all, item{"pod", p.id, p.created, map[string]float64{"CpuAmount": p.cost, "DiskAmount": p.diskHour()}})
		}
	}
	for _, e := range c.endpoints {
		if e.gpu != nil {
			hourly := e.gpu.serverless * float64(e.counts()["RUNNING"])
			all = append(all, item{"serverless", e.id, e.created, map[string]float64{"GpuAmount": hourly}})
		}
	}
	for _, v := range c.volumes {
		part := map[string]string{"STANDARD": "StandardAmount", "HIGH_PERFORMANCE": "HighPerformanceAmount"}[v.kind]
		all = append(all, item{"storage", v.id, v.created, map[string]float64{part: 0.07 * float64(v.sizeGB) / 730}})
	}
	return all
}

// diskHour is what a pod's disks cost: 0.10 USD per GB and month while it runs, of its volume 0.20 when it is stopped.
func (p *pod) diskHour() float64 {
	switch p.status {
	case "RUNNING":
		return 0.10 * float64(p.diskGB+p.volumeGB) / 730
	case "EXITED":
		return 0.20 * float64(p.volumeGB) / 730
	}
	return 0
}

// span is a stretch of time: from is in it, to is not.
type span struct{ from, to time.Time }

func (s span) json() object {
	return object{"startTime": s.from.Format(stamp), "endTime": s.to.Format(stamp)}
}

// hours is how long of s a thing was there that was made at since, as of now.
func (s span) hours(since, now time.Time) float64 {
	from, to := s.from, s.to
	if since.After(from) {
		from = since
	}
	if now.Before(to) {
		to = now
	}
	return max(to.Sub(from).Hours(), 0)
}

// bucket returns the hour, day, week (from Monday on), month or year that t lies in.
func bucket(size string, t time.Time) span {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	switch size {
	case "hour":
		from := t.Truncate(time.Hour)
		return span{from, from.Add(time.Hour)}
	case "week":
		from := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
		return span{from, from.AddDate(0, 0, 7)}
	case "month":
		from := day.AddDate(0, 0, 1-day.Day())
		return span{from, from.AddDate(0, 1, 0)}
	case "year":
		from := time.Date(t.Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
		return span{from, from.AddDate(1, 0, 0)}
	}
	return span{day, day.AddDate(0, 0, 1)}
}

// buckets reads what period a call asks for: from startTime to endTime, widened to whole buckets, or the last N.
func (c *cloud) buckets(q *query) (size string, all []span, bad *problem) {
	now := c.world.Now()
	if size = q.one("bucketSize", of("hour", "day", "week", "month", "year")); size == "" {
		size = "day"
	}
	last := q.number("lastN", 1, 100_000, 0)
	from, to := q.time("startTime", now.AddDate(0, 0, -30)), q.time("endTime", now)
	switch {
	case q.invalid() != nil:
		return size, nil, q.invalid()
	case last > 0 && (q.has("startTime") || q.has("endTime")):
		return size, nil, badRequest("lastN is mutually exclusive with startTime and endTime")
	case last > 0:
		at := bucket(size, now)
		for range last {
			all = append(all, at)
			at = bucket(size, at.from.Add(-time.Second))
		}
		slices.Reverse(all)
		return size, all, nil
	case !from.Before(to):
		return size, nil, badRequest("startTime must be before endTime")
	}
	for at := bucket(size, from); at.from.Before(to); at = bucket(size, at.to) {
		all = append(all, at)
	}
	return size, all, nil
}

// billOf answers one of GET /v2/billing...: a record for each bucket, and where things are told apart for each thing
// in each bucket, and their totals.
func (c *cloud) billOf(b bill) answerer {
	return func(r *http.Request) (any, *problem) {
		q := queryOf(r)
		size, all, bad := c.buckets(q)
		if bad != nil {
			return nil, bad
		}
		asked := object{"startTime": all[0].from.Format(stamp), "endTime": all[len(all)-1].to.Format(stamp), "bucketSize": size}
		if b.id != "" {
			asked[b.id] = orNull(q.values.Get(b.id))
		}
		sums, things, records := b.nothing(), map[string]bool{}, []object{}
		for _, at := range all {
			for id, amounts := range c.amounts(b, at, q.values.Get(b.id)) {
				record := at.json()
				if b.id != "" {
					record[b.id] = id
				}
				records = append(records, amounts.into(record))
				things[id] = true
				for name, v := range amounts {
					sums[name] += v
				}
			}
		}
		meta := object{"query": asked, "recordCount": len(records), "totals": sums.into(object{})}
		if b.unique != "" {
			meta[b.unique] = len(things)
		}
		return object{"records": records, "metadata": meta}, nil
	}
}

// amounts are USD by the member that tells them.
type amounts map[string]float64

// nothing returns amounts of 0 of every part.
func (b bill) nothing() amounts {
	all := amounts{"totalAmount": 0}
	for _, name := range b.names() {
		all[name] = 0
	}
	return all
}

// into adds the amounts to a record, in whole cents.
func (a amounts) into(record object) object {
	for name, v := range a {
		record[name] = cents(v)
	}
	return record
}

// amounts yields what was spent in one bucket: in all, or for each thing that is asked for, in the order of the things.
func (c *cloud) amounts(b bill, at span, only string) iter.Seq2[string, amounts] {
	return func(yield func(string, amounts) bool) {
		by, order := map[string]amounts{}, []string{}
		if b.id == "" {
			by[""], order = b.nothing(), []string{""}
		}
		for _, it := range c.items() {
			hours := at.hours(it.since, c.world.Now())
			id := it.id
			if b.id == "" {
				id = ""
			}
			if b.kind != "" && it.kind != b.kind || hours == 0 || only != "" && id != only {
				continue
			}
			if by[id] == nil {
				by[id], order = b.nothing(), append(order, id)
			}
			for part, hourly := range it.hourly {
				spent := cents(hourly * hours)
				by[id][b.name(&it, part)] += spent
				by[id]["totalAmount"] += spent
			}
		}
		for _, id := range order {
			if !yield(id, by[id]) {
				return
			}
		}
	}
}

func cents(v float64) float64 { return math.Round(v*100) / 100 }
