package cloudflare

import (
	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/loose"
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
		b.invocations("pages", "pagesToday", func(script loose.Text) string { return scripts[string(script)] })
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
func (b *board) invocations(alias, today string, id func(script loose.Text) string) {
	for i := range b.rows[alias] {
		r := &b.rows[alias][i]
		id := id(r.of)
		b.rate(id, cloud.RequestsPerSec, r.get("requests"))
		b.rate(id, cloud.ErrorsPerSec, r.get("errors"))
		b.plus(id, cloud.CPUTimeP50Seconds, r.get("cpuTimeP50"), micro)
		b.plus(id, cloud.CPUTimeP99Seconds, r.get("cpuTimeP99"), micro)
		b.plus(id, cloud.LatencyP50Seconds, r.get("requestDurationP50"), micro)
		b.plus(id, cloud.LatencyP99Seconds, r.get("requestDurationP99"), micro)
		b.rate(id, subrequestsPerSec, r.get("subrequests"))
		b.rate(id, durationGBSeconds, r.get("duration"))
		b.rate(id, cloud.NetworkTxBytesPerSec, r.get("responseBodySize"))
		b.sampled(id, r)
	}
	b.share(cloud.ErrorPercent, cloud.ErrorsPerSec, cloud.RequestsPerSec)
	for i := range b.rows[today] {
		r := &b.rows[today][i]
		b.sum(id(r.of), requestsToday, r.get("requests"))
	}
	used, counted := b.total("workersToday", "requests", nil)
	more, countedMore := b.total("pagesToday", "requests", nil)
	b.allowance(freeRequests, used+more, counted || countedMore, dailyRequests)
}

// sum adds v as it is, counted up to now.
func (b *board) sum(id, metric string, v loose.Number) {
	if v.Known {
		b.add(id, metric, v.Value, b.window.To)
	}
}

// readR2 reads operations, of which those with another status than success are errors, and the newest reading of
// storage for each storage class of a bucket: payload and metadata are both billed as storage.
func (b *board) readR2() {
	for i := range b.rows["r2"] {
		r := &b.rows["r2"][i]
		id := bucketID(r.of)
		b.rate(id, cloud.RequestsPerSec, r.get("requests"))
		b.rate(id, cloud.NetworkTxBytesPerSec, r.get("responseBytes"))
		failed := loose.Number{Known: true}
		switch r.action {
		case "success":
		case "":
			failed.Known = false
		default: // userError, internalError
			failed = r.get("requests")
		}
		b.rate(id, cloud.ErrorsPerSec, failed)
	}
	b.share(cloud.ErrorPercent, cloud.ErrorsPerSec, cloud.RequestsPerSec)
	for i := range b.rows["r2Storage"] {
		r := &b.rows["r2Storage"][i]
		id := bucketID(r.of)
		b.stored(id, cloud.StorageBytes, r, "payloadSize", "metadataSize")
		b.stored(id, cloud.ObjectsCount, r, "objectCount")
		b.stored(id, uploadsCount, r, "uploadCount")
	}
}

// stored adds maxima of a row, as of its time.
func (b *board) stored(id, metric string, r *row, names ...string) {
	for _, n := range names {
		if v := r.get(n); v.Known {
			b.add(id, metric, v.Value, r.at)
		}
	}
}

func (b *board) readD1() {
	for i := range b.rows["d1"] {
		r := &b.rows["d1"][i]
		id := string(r.of)
		b.rate(id, readQueriesPerSec, r.get("readQueries"))
		b.rate(id, writeQueriesPerSec, r.get("writeQueries"))
		b.rate(id, rowsReadPerSec, r.get("rowsRead"))
		b.rate(id, rowsWrittenPerSec, r.get("rowsWritten"))
		b.rate(id, cloud.NetworkTxBytesPerSec, r.get("queryBatchResponseBytes"))
		b.plus(id, cloud.LatencyP50Seconds, r.get("queryBatchTimeMsP50"), milli)
		b.plus(id, latencyP90, r.get("queryBatchTimeMsP90"), milli)
		b.sampled(id, r)
	}
	for i := range b.rows["d1Today"] {
		r := &b.rows["d1Today"][i]
		b.sum(string(r.of), rowsReadToday, r.get("rowsRead"))
		b.sum(string(r.of), rowsWrittenToday, r.get("rowsWritten"))
	}
	used, counted := b.total("d1Today", "rowsRead", nil)
	b.allowance(freeRowsRead, used, counted, dailyRowsRead)
	used, counted = b.total("d1Today", "rowsWritten", nil)
	b.allowance(freeRowsWritten, used, counted, dailyRowsWritten)
	for i := range b.rows["d1Storage"] {
		r := &b.rows["d1Storage"][i]
		b.stored(string(r.of), cloud.StorageBytes, r, "databaseSizeBytes")
	}
}

func (b *board) readKV() {
	rates := map[string]string{"read": readsPerSec, "write": writesPerSec, "delete": deletesPerSec, "list": listsPerSec}
	for i := range b.rows["kv"] {
		r := &b.rows["kv"][i]
		id := string(r.of)
		b.rate(id, cloud.RequestsPerSec, r.get("requests"))
		if metric := rates[string(r.action)]; metric != "" {
			b.rate(id, metric, r.get("requests"))
		}
		b.rate(id, bytesPerSec, r.get("objectBytes"))
	}
	for i := range b.rows["kvLatency"] {
		r := &b.rows["kvLatency"][i]
		b.plus(string(r.of), cloud.LatencyP50Seconds, r.get("latencyMsP50"), milli)
		b.plus(string(r.of), cloud.LatencyP99Seconds, r.get("latencyMsP99"), milli)
		b.sampled(string(r.of), r)
	}
	for i := range b.rows["kvToday"] {
		switch r := &b.rows["kvToday"][i]; r.action {
		case "read":
			b.sum(string(r.of), readsToday, r.get("requests"))
		case "write":
			b.sum(string(r.of), writesToday, r.get("requests"))
		}
	}
	used, counted := b.total("kvToday", "requests", func(r *row) bool { return r.action == "read" })
	b.allowance(freeReads, used, counted, dailyReads)
	used, counted = b.total("kvToday", "requests", func(r *row) bool { return r.action == "write" })
	b.allowance(freeWrites, used, counted, dailyWrites)
	for i := range b.rows["kvStorage"] {
		r := &b.rows["kvStorage"][i]
		b.stored(string(r.of), cloud.StorageBytes, r, "byteCount")
		b.stored(string(r.of), cloud.ObjectsCount, r, "keyCount")
	}
}

func (b *board) readAI() {
	for i := range b.rows["ai"] {
		r := &b.rows["ai"][i]
		id := modelID(r.of)
		b.rate(id, cloud.RequestsPerSec, r.get("count"))
		b.rate(id, neuronsPerSec, r.get("totalNeurons"))
		b.rate(id, inputTokensPerSec, r.get("totalInputTokens"))
		b.rate(id, outputTokensPerSec, r.get("totalOutputTokens"))
		if r.get("count").Value > 0 {
			b.plus(id, inferenceSeconds, r.get("totalInferenceTimeMs"), r.get("count").Value*milli)
		}
	}
	for i := range b.rows["aiToday"] {
		r := &b.rows["aiToday"][i]
		b.sum(modelID(r.of), neuronsToday, r.get("totalNeurons"))
	}
	used, counted := b.total("aiToday", "totalNeurons", nil)
	b.allowance(freeNeurons, used, counted, dailyNeurons)
}

// readQueues reads the mean backlog of the window, and operations. A queue that is neither written nor read has no
// rows, even if messages wait in it (the schema's own words): its backlog is unknown then.
func (b *board) readQueues() {
	for i := range b.rows["queues"] {
		r := &b.rows["queues"][i]
		b.plus(string(r.of), cloud.QueueDepthCount, r.get("messages"), 1)
		b.plus(string(r.of), queueBytes, r.get("bytes"), 1)
		b.sampled(string(r.of), r)
	}
	rates := map[string]string{"WriteMessage": writesPerSec, "ReadMessage": readsPerSec, "DeleteMessage": deletesPerSec}
	for i := range b.rows["queueOps"] {
		r := &b.rows["queueOps"][i]
		if metric := rates[string(r.action)]; metric != "" {
			b.rate(string(r.of), metric, r.get("count"))
		}
		b.rate(string(r.of), billableOpsPerSec, r.get("billableOperations"))
	}
}

func (b *board) readObjects() {
	for i := range b.rows["objects"] {
		r := &b.rows["objects"][i]
		id := string(r.of)
		b.rate(id, cloud.RequestsPerSec, r.get("requests"))
		b.rate(id, cloud.ErrorsPerSec, r.get("errors"))
		b.rate(id, cloud.NetworkTxBytesPerSec, r.get("responseBodySize"))
		b.plus(id, cloud.LatencyP50Seconds, r.get("wallTimeP50"), micro)
		b.plus(id, cloud.LatencyP99Seconds, r.get("wallTimeP99"), micro)
		b.sampled(id, r)
	}
	b.share(cloud.ErrorPercent, cloud.ErrorsPerSec, cloud.RequestsPerSec)
	for i := range b.rows["objectsPeriodic"] {
		r := &b.rows["objectsPeriodic"][i]
		id := string(r.of)
		b.plus(id, cpuSecondsPerSec, r.get("cpuTime"), micro*b.seconds)
		b.rate(id, durationGBSeconds, r.get("duration"))
		b.rate(id, rowsReadPerSec, r.get("rowsRead"))
		b.rate(id, rowsWrittenPerSec, r.get("rowsWritten"))
		b.rate(id, subrequestsPerSec, r.get("subrequests"))
	}
}
