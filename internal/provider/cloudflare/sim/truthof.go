package cloudflaresim

// What the resources of one account are measured to do, by cloudtop's names of metrics and in their units.

func (w *watcher) invocations(dataset string, u *profile, usedToday float64) readings {
	m := readings{}
	s := w.seconds()
	if c := w.cellOf(dataset, u, w.from, w.to); c.n > 0 {
		m.failed(&c, s)
		m["cpu_time_p50_seconds"], m["cpu_time_p99_seconds"] = u.p50/1e6, u.p99/1e6
		m["subrequests_per_second"] = whole(c.n*u.read) / s
		m["duration_gb_seconds_per_second"] = c.n * u.weight / s
		m["network_tx_bytes_per_second"] = whole(c.n*u.bytes) / s
		m.sampled(u)
		if dataset == "workersInvocationsAdaptive" {
			m["latency_p50_seconds"], m["latency_p99_seconds"] = u.wait*1.1/1e6, u.wait*7/1e6
		}
	}
	if c := w.cellOf(dataset, u, w.midnight, w.end); c.n > 0 {
		m["requests_today_count"] = c.n
	}
	m.used("free_requests_used_percent", usedToday, 100_000, usedToday > 0)
	return m
}

func (w *watcher) bucket(b *bucket) readings {
	m := readings{}
	s := w.seconds()
	if c := w.cellOf("r2OperationsAdaptiveGroups", &b.use, w.from, w.to); c.n > 0 {
		m.failed(&c, s)
		m["network_tx_bytes_per_second"] = whole(c.n*b.use.bytes) / s
	}
	if b.use.size.size > 0 {
		items := b.use.items.at(w.stored)
		m["storage_bytes"] = b.use.size.at(w.stored) + 100*items
		m["objects_count"], m["uploads_count"] = items, 0
	}
	return m
}

func (w *watcher) database(d *database) readings {
	m := readings{}
	s := w.seconds()
	u := &d.use
	if c := w.cellOf("d1AnalyticsAdaptiveGroups", u, w.from, w.to); c.n > 0 {
		known := w.datasets["d1AnalyticsAdaptiveGroups"].measures
		m["read_queries_per_second"] = known[column{"sum", "readQueries"}](&c) / s
		m["write_queries_per_second"] = known[column{"sum", "writeQueries"}](&c) / s
		m["rows_read_per_second"], m["rows_written_per_second"] = rowsRead(&c)/s, rowsWritten(&c)/s
		m["network_tx_bytes_per_second"] = c.n * float64(int64(u.bytes)) / s
		m["latency_p50_seconds"], m["latency_p90_seconds"] = u.p50/1e6, u.p50*4/1e6
		m.sampled(u)
	}
	if c := w.cellOf("d1AnalyticsAdaptiveGroups", u, w.midnight, w.end); c.n > 0 {
		m["rows_read_today_count"], m["rows_written_today_count"] = rowsRead(&c), rowsWritten(&c)
	}
	m["storage_bytes"] = u.size.at(w.stored)
	return m
}

func (w *watcher) namespace(n *namespace, readsToday, writesToday float64) readings {
	m := readings{}
	s := w.seconds()
	u := &n.use
	if c := w.cellOf("kvOperationsAdaptiveGroups", u, w.from, w.to); c.n > 0 {
		m["requests_per_second"] = c.n / s
		for action, n := range w.actions(u, w.from, w.to) {
			m[action+"s_per_second"] = n / s
		}
		m["value_bytes_per_second"] = c.n * float64(int64(u.bytes)) / s
		m["latency_p50_seconds"], m["latency_p99_seconds"] = u.p50/1e6, u.p99/1e6
		m.sampled(u)
	}
	for action, n := range w.actions(u, w.midnight, w.end) {
		if action == "read" || action == "write" {
			m[action+"s_today_count"] = n
		}
	}
	m.used("free_reads_used_percent", readsToday, 100_000, readsToday > 0)
	m.used("free_writes_used_percent", writesToday, 1000, writesToday > 0)
	m["storage_bytes"], m["objects_count"] = u.size.at(w.stored), u.items.at(w.stored)
	return m
}

func (w *watcher) queue(q *queue) readings {
	m := readings{}
	s := w.seconds()
	c := w.cellOf("queueMessageOperationsAdaptiveGroups", &q.use, w.from, w.to)
	if c.n <= 0 {
		return m
	}
	ds := w.datasets["queueMessageOperationsAdaptiveGroups"]
	variants := ds.variantsFor([]string{"actionType"})
	names := map[string]string{"WriteMessage": "writes", "ReadMessage": "reads", "DeleteMessage": "deletes"}
	for i := range variants {
		if part := ds.cell(&q.use, variants, i, w.from, w.to); part.n > 0 {
			m[names[variants[i].labels["actionType"]]+"_per_second"] = part.n / s
		}
	}
	m["billable_operations_per_second"] = c.n / s
	if !w.disabled["queueBacklogAdaptiveGroups"] {
		waiting := q.use.items.at(w.from)
		m["queue_depth_count"], m["queue_depth_bytes"] = waiting, waiting*float64(int64(q.use.bytes))
		m.sampled(&q.use)
	}
	return m
}

func (w *watcher) object(o *objectNamespace) readings {
	m := readings{}
	s := w.seconds()
	u := &o.use
	c := w.cellOf("durableObjectsInvocationsAdaptiveGroups", u, w.from, w.to)
	if c.n <= 0 {
		return m
	}
	if !w.disabled["durableObjectsInvocationsAdaptiveGroups"] {
		m.failed(&c, s)
		m["network_tx_bytes_per_second"] = c.n * float64(int64(u.bytes)) / s
		m["latency_p50_seconds"], m["latency_p99_seconds"] = u.p50/1e6, u.p99/1e6
		m.sampled(u)
	}
	if !w.disabled["durableObjectsPeriodicGroups"] {
		m["cpu_seconds_per_second"] = c.n * float64(int64(u.p50/10)) / 1e6 / s
		m["duration_gb_seconds_per_second"] = c.n * u.weight / s
		m["rows_read_per_second"], m["rows_written_per_second"] = rowsRead(&c)/s, rowsWritten(&c)/s
		m["subrequests_per_second"] = 0
	}
	return m
}

func (w *watcher) model(m *model, neuronsToday float64) readings {
	out := readings{}
	s := w.seconds()
	u := &m.use
	if c := w.cellOf("aiInferenceAdaptiveGroups", u, w.from, w.to); c.n > 0 {
		out["requests_per_second"] = c.n / s
		out["neurons_per_second"] = c.n * u.weight / s
		out["input_tokens_per_second"], out["output_tokens_per_second"] = c.n*u.read/s, c.n*u.written/s
		out["inference_time_avg_seconds"] = float64(int64(u.p50/1000)+1) / 1000
	}
	if c := w.cellOf("aiInferenceAdaptiveGroups", u, w.midnight, w.end); c.n > 0 {
		out["neurons_today_count"] = c.n * u.weight
	}
	out.used("free_neurons_used_percent", neuronsToday, 10_000, neuronsToday > 0)
	return out
}
