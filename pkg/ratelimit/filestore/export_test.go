package filestore

// TryLock lets a test hold a lock as another process would.
var TryLock = tryLock
