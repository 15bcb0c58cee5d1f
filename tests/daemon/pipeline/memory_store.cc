#include "tests/daemon/pipeline/memory_store.h"

#include "daemon/store/held_claims.h"

namespace signinwatch::pipeline {

void MemoryStore::FailAfter(int commits, absl::Status error) {
  const std::lock_guard lock(mutex_);
  fail_after_ = commits_ + commits;
  error_ = std::move(error);
}

void MemoryStore::FailNever() {
  const std::lock_guard lock(mutex_);
  fail_after_ = -1;
}

void MemoryStore::TakeAway() {
  const std::lock_guard lock(mutex_);
  ++claim_.epoch;
  held_ = false;
}

absl::Status MemoryStore::Check(const store::ShardClaim& claim) const {
  return held_ && claim == claim_ ? absl::OkStatus() : store::ShardTaken(claim.shard);
}

absl::StatusOr<store::ShardClaim> MemoryStore::Claim(store::Shard shard) {
  const std::lock_guard lock(mutex_);
  if (shard != claim_.shard) return absl::InvalidArgumentError("shard 0 only");
  if (!held_) ++claim_.epoch;
  held_ = true;
  return claim_;
}

absl::Status MemoryStore::Release(const store::ShardClaim& claim) {
  const std::lock_guard lock(mutex_);
  absl::Status status = Check(claim);
  if (status.ok()) held_ = false;
  return status;
}

absl::Status MemoryStore::LoadState(const store::ShardClaim& claim, std::string_view head,
                                    const StateVisitor& visit) {
  const std::lock_guard lock(mutex_);
  if (absl::Status status = Check(claim); !status.ok()) return status;
  const auto first = state_.find(std::string(head));
  if (first != state_.end() && !visit({first->first, first->second})) return absl::OkStatus();
  for (auto row = state_.begin(); row != state_.end(); ++row) {
    if (row != first && !visit({row->first, row->second})) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::LoadPositions(const store::ShardClaim& claim,
                                        std::vector<position::PartitionPosition>* positions) {
  const std::lock_guard lock(mutex_);
  if (absl::Status status = Check(claim); !status.ok()) return status;
  for (const auto& [name, position] : positions_) positions->push_back(position);
  return absl::OkStatus();
}

absl::Status MemoryStore::LoadFailures(const store::ShardClaim& claim, EventTime from,
                                       std::vector<store::FailureCount>* failures) {
  const std::lock_guard lock(mutex_);
  if (absl::Status status = Check(claim); !status.ok()) return status;
  for (const auto& [key, count] : failure_counts_) {
    if (key.first >= from) failures->push_back({key.first, key.second, count});
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::Commit(const store::ShardClaim& claim, const store::StoreCommit& commit) {
  const std::lock_guard lock(mutex_);
  if (absl::Status status = Check(claim); !status.ok()) return status;
  if (fail_after_ >= 0 && commits_ >= fail_after_) {
    ++failed_;
    return error_;
  }
  ++commits_;
  for (const StateRow& row : commit.state) {
    if (row.value.empty()) {
      state_.erase(row.key);
    } else {
      state_[row.key] = row.value;
    }
  }
  for (const position::PartitionPosition& position : commit.positions) {
    positions_[{position.topic, position.partition}] = position;
  }
  for (const store::FailureCount& count : commit.failures) {
    failure_counts_[{count.bucket, count.code}] = count.count;
  }
  revisions_.insert(revisions_.end(), commit.revisions.begin(), commit.revisions.end());
  return absl::OkStatus();
}

absl::Status MemoryStore::Size(store::StoreSize* size) {
  const std::lock_guard lock(mutex_);
  *size = {.state_rows = state_.size(), .revisions = revisions_.size()};
  return absl::OkStatus();
}

RestoredState MemoryStore::Restored() {
  RestoredState restored;
  const store::ShardClaim claim = *Claim(0);
  restored.claim = claim;
  restored.rows = [this, claim](const StateVisitor& visit) {
    return LoadState(claim, kStateHead, visit);
  };
  (void)LoadPositions(claim, &restored.positions);
  (void)LoadFailures(claim, kBeginningOfTime, &restored.failures);
  return restored;
}

std::vector<store::TicketRevision> MemoryStore::revisions() const {
  const std::lock_guard lock(mutex_);
  return revisions_;
}
int MemoryStore::commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}
int MemoryStore::failures() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}
std::map<int32_t, int64_t> MemoryStore::offsets() const {
  const std::lock_guard lock(mutex_);
  std::map<int32_t, int64_t> offsets;
  for (const auto& [name, position] : positions_) offsets[name.second] = position.next_offset;
  return offsets;
}

}  // namespace signinwatch::pipeline
