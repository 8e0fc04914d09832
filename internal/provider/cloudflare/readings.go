package cloudflare

import (
	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

const (
	micro = 1e6 // microseconds in a second
	milli = 1e3
)

// read fills the board with the readings of one service. scripts are the Pages projects by production script.
func (b *board) read(service string, scripts map[string]string) {
	switch service {
	case workers:
		b.invocations("workers", "workersToday", workerID)
	case pages:
		b.invocations("pages", "pagesToday", func(script provider.Text) string { return scripts[string(script)] })
	case r2:
		b.readR2()
	case d1:
		b.readD1()
	case kv:
		b.readKV()
	case ai:
		b.readAI()
	case queues:
		b.readQueues()
	case durableObjects:
		b.readObjects()
	}
}

// invocations reads Workers or Pages Functions: counts, GB-seconds, bytes, and quantiles in microseconds. Both draw on
// one allowance.
func (b *board) invocations(alias, today string, id func(script provider.Text) string) {
	for i := range b.rows[alias] {
		r := &b.rows[alias][i]
		id := id(r.Dimensions.ScriptName)
		b.rate(id, cloud.RequestsPerSec, r.Sum.get("requests"))
		b.rate(id, cloud.ErrorsPerSec, r.Sum.get("errors"))
		b.plus(id, cloud.CPUTimeP50Seconds, r.Quantiles.get("cpuTimeP50"), micro)
		b.plus(id, cloud.CPUTimeP99Seconds, r.Quantiles.get("cpuTimeP99"), micro)
		b.plus(id, cloud.LatencyP50Seconds, r.Quantiles.get("requestDurationP50"), micro)
		b.plus(id, cloud.LatencyP99Seconds, r.Quantiles.get("requestDurationP99"), micro)
		b.rate(id, subrequestsPerSec, r.Sum.get("subrequests"))
		b.rate(id, durationGBSeconds, r.Sum.get("duration"))
		b.rate(id, cloud.NetworkTxBytesPerSec, r.Sum.get("responseBodySize"))
		b.sampled(id, r)
	}
	b.share(cloud.ErrorPercent, cloud.ErrorsPerSec, cloud.RequestsPerSec)
	for i := range b.rows[today] {
		r := &b.rows[today][i]
		b.sum(id(r.Dimensions.ScriptName), requestsToday, r.Sum.get("requests"))
	}
	used, counted := b.total("workersToday", "requests", nil)
	more, countedMore := b.total("pagesToday", "requests", nil)
	b.allowance(freeRequests, used+more, counted || countedMore, dailyRequests)
}

// sum adds v as it is, counted up to now.
func (b *board) sum(id, metric string, v provider.Number) {
	if v.Known {
		b.add(id, metric, v.Value, b.window.To)
	}
}

// readR2 reads operations, of which those with another status than success are errors, and the newest reading of
// storage for each storage class of a bucket: payload and metadata are both billed as storage.
func (b *board) readR2() {
	for i := range b.rows["r2"] {
		r := &b.rows["r2"][i]
		id := bucketID(r.Dimensions.BucketName)
		b.rate(id, cloud.RequestsPerSec, r.Sum.get("requests"))
		b.rate(id, cloud.NetworkTxBytesPerSec, r.Sum.get("responseBytes"))
		failed := provider.Number{Known: true}
		switch r.Dimensions.ActionStatus {
		case "success":
		case "":
			failed.Known = false
		default: // userError, internalError
			failed = r.Sum.get("requests")
		}
		b.rate(id, cloud.ErrorsPerSec, failed)
	}
	b.share(cloud.ErrorPercent, cloud.ErrorsPerSec, cloud.RequestsPerSec)
	for i := range b.rows["r2Storage"] {
		r := &b.rows["r2Storage"][i]
		id := bucketID(r.Dimensions.BucketName)
		b.stored(id, cloud.StorageBytes, r, "payloadSize", "metadataSize")
		b.stored(id, cloud.ObjectsCount, r, "objectCount")
		b.stored(id, uploadsCount, r, "uploadCount")
	}
}

// stored adds maxima of a row, as of its time.
func (b *board) stored(id, metric string, r *row, names ...string) {
	for _, n := range names {
		if v := r.Max.get(n); v.Known {
			b.add(id, metric, v.Value, r.when())
		}
	}
}

// latest returns the newest row of each resource and storage class, in the rows' order.
func latest(rows []row) []row {
	type group struct{ key, class provider.Text }
	index := make(map[group]int, len(rows))
	var out []row
	for i := range rows {
		r := &rows[i]
		d := &r.Dimensions
		g := group{d.BucketName + d.DatabaseID + d.NamespaceID, d.StorageClass}
		at, seen := index[g]
		switch {
		case !seen:
			index[g] = len(out)
			out = append(out, *r)
		case r.when().After(out[at].when()):
			out[at] = *r
		}
	}
	return out
}

func (b *board) readD1() {
	for i := range b.rows["d1"] {
		r := &b.rows["d1"][i]
		id := string(r.Dimensions.DatabaseID)
		b.rate(id, readQueriesPerSec, r.Sum.get("readQueries"))
		b.rate(id, writeQueriesPerSec, r.Sum.get("writeQueries"))
		b.rate(id, rowsReadPerSec, r.Sum.get("rowsRead"))
		b.rate(id, rowsWrittenPerSec, r.Sum.get("rowsWritten"))
		b.rate(id, cloud.NetworkTxBytesPerSec, r.Sum.get("queryBatchResponseBytes"))
		b.plus(id, cloud.LatencyP50Seconds, r.Quantiles.get("queryBatchTimeMsP50"), milli)
		b.plus(id, latencyP90, r.Quantiles.get("queryBatchTimeMsP90"), milli)
		b.sampled(id, r)
	}
	for i := range b.rows["d1Today"] {
		r := &b.rows["d1Today"][i]
		b.sum(string(r.Dimensions.DatabaseID), rowsReadToday, r.Sum.get("rowsRead"))
		b.sum(string(r.Dimensions.DatabaseID), rowsWrittenToday, r.Sum.get("rowsWritten"))
	}
	used, counted := b.total("d1Today", "rowsRead", nil)
	b.allowance(freeRowsRead, used, counted, dailyRowsRead)
	used, counted = b.total("d1Today", "rowsWritten", nil)
	b.allowance(freeRowsWritten, used, counted, dailyRowsWritten)
	for i := range b.rows["d1Storage"] {
		r := &b.rows["d1Storage"][i]
		b.stored(string(r.Dimensions.DatabaseID), cloud.StorageBytes, r, "databaseSizeBytes")
	}
}

func (b *board) readKV() {
	rates := map[string]string{"read": readsPerSec, "write": writesPerSec, "delete": deletesPerSec, "list": listsPerSec}
	for i := range b.rows["kv"] {
		r := &b.rows["kv"][i]
		id := string(r.Dimensions.NamespaceID)
		b.rate(id, cloud.RequestsPerSec, r.Sum.get("requests"))
		if metric := rates[string(r.Dimensions.ActionType)]; metric != "" {
			b.rate(id, metric, r.Sum.get("requests"))
		}
		b.rate(id, bytesPerSec, r.Sum.get("objectBytes"))
	}
	for i := range b.rows["kvLatency"] {
		r := &b.rows["kvLatency"][i]
		b.plus(string(r.Dimensions.NamespaceID), cloud.LatencyP50Seconds, r.Quantiles.get("latencyMsP50"), milli)
		b.plus(string(r.Dimensions.NamespaceID), cloud.LatencyP99Seconds, r.Quantiles.get("latencyMsP99"), milli)
		b.sampled(string(r.Dimensions.NamespaceID), r)
	}
	for i := range b.rows["kvToday"] {
		switch r := &b.rows["kvToday"][i]; r.Dimensions.ActionType {
		case "read":
			b.sum(string(r.Dimensions.NamespaceID), readsToday, r.Sum.get("requests"))
		case "write":
			b.sum(string(r.Dimensions.NamespaceID), writesToday, r.Sum.get("requests"))
		}
	}
	used, counted := b.total("kvToday", "requests", func(r *row) bool { return r.Dimensions.ActionType == "read" })
	b.allowance(freeReads, used, counted, dailyReads)
	used, counted = b.total("kvToday", "requests", func(r *row) bool { return r.Dimensions.ActionType == "write" })
	b.allowance(freeWrites, used, counted, dailyWrites)
	for i := range b.rows["kvStorage"] {
		r := &b.rows["kvStorage"][i]
		b.stored(string(r.Dimensions.NamespaceID), cloud.StorageBytes, r, "byteCount")
		b.stored(string(r.Dimensions.NamespaceID), cloud.ObjectsCount, r, "keyCount")
	}
}

func (b *board) readAI() {
	for i := range b.rows["ai"] {
		r := &b.rows["ai"][i]
		id := modelID(r.Dimensions.ModelID)
		b.rate(id, cloud.RequestsPerSec, r.Count)
		b.rate(id, neuronsPerSec, r.Sum.get("totalNeurons"))
		b.rate(id, inputTokensPerSec, r.Sum.get("totalInputTokens"))
		b.rate(id, outputTokensPerSec, r.Sum.get("totalOutputTokens"))
		if r.Count.Value > 0 {
			b.plus(id, inferenceSeconds, r.Sum.get("totalInferenceTimeMs"), r.Count.Value*milli)
		}
	}
	for i := range b.rows["aiToday"] {
		r := &b.rows["aiToday"][i]
		b.sum(modelID(r.Dimensions.ModelID), neuronsToday, r.Sum.get("totalNeurons"))
	}
	used, counted := b.total("aiToday", "totalNeurons", nil)
	b.allowance(freeNeurons, used, counted, dailyNeurons)
}

// readQueues reads the mean backlog of the window, and operations. A queue that is neither written nor read has no
// rows, even if messages wait in it (the schema's own words): its backlog is unknown then.
func (b *board) readQueues() {
	for i := range b.rows["queues"] {
		r := &b.rows["queues"][i]
		b.plus(string(r.Dimensions.QueueID), cloud.QueueDepthCount, r.Avg.get("messages"), 1)
		b.plus(string(r.Dimensions.QueueID), queueBytes, r.Avg.get("bytes"), 1)
		b.sampled(string(r.Dimensions.QueueID), r)
	}
	rates := map[string]string{"WriteMessage": writesPerSec, "ReadMessage": readsPerSec, "DeleteMessage": deletesPerSec}
	for i := range b.rows["queueOps"] {
		r := &b.rows["queueOps"][i]
		if metric := rates[string(r.Dimensions.ActionType)]; metric != "" {
			b.rate(string(r.Dimensions.QueueID), metric, r.Count)
		}
		b.rate(string(r.Dimensions.QueueID), billableOpsPerSec, r.Sum.get("billableOperations"))
	}
}

func (b *board) readObjects() {
	for i := range b.rows["objects"] {
		r := &b.rows["objects"][i]
		id := string(r.Dimensions.NamespaceID)
		b.rate(id, cloud.RequestsPerSec, r.Sum.get("requests"))
		b.rate(id, cloud.ErrorsPerSec, r.Sum.get("errors"))
		b.rate(id, cloud.NetworkTxBytesPerSec, r.Sum.get("responseBodySize"))
		b.plus(id, cloud.LatencyP50Seconds, r.Quantiles.get("wallTimeP50"), micro)
		b.plus(id, cloud.LatencyP99Seconds, r.Quantiles.get("wallTimeP99"), micro)
		b.sampled(id, r)
	}
	b.share(cloud.ErrorPercent, cloud.ErrorsPerSec, cloud.RequestsPerSec)
	for i := range b.rows["objectsPeriodic"] {
		r := &b.rows["objectsPeriodic"][i]
		id := string(r.Dimensions.NamespaceID)
		b.plus(id, cpuSecondsPerSec, r.Sum.get("cpuTime"), micro*b.seconds)
		b.rate(id, durationGBSeconds, r.Sum.get("duration"))
		b.rate(id, rowsReadPerSec, r.Sum.get("rowsRead"))
		b.rate(id, rowsWrittenPerSec, r.Sum.get("rowsWritten"))
		b.rate(id, subrequestsPerSec, r.Sum.get("subrequests"))
	}
}
