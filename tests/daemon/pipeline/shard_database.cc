#include "tests/daemon/pipeline/shard_database.h"

namespace signinwatch::pipeline {

int64_t ShardDatabase::next_offset(store::Shard shard) const {
  const auto found = shards.find(shard);
  if (found == shards.end() || found->second.positions.empty()) return 0;
  return found->second.positions.begin()->second.next_offset;
}

absl::Status ShardStore::Check(const store::ShardClaim& claim) {
  if (!away.ok()) return away;
  if (database_.shards[claim.shard].epoch == claim.epoch) return held_.Check(claim);
  held_.Drop(claim);
  return store::ShardTaken(claim.shard);
}

absl::StatusOr<store::ShardClaim> ShardStore::Claim(store::Shard shard) {
  if (!away.ok()) return away;
  int64_t& epoch = database_.shards[shard].epoch;
  if (const auto claim = held_.Of(shard); claim && claim->epoch == epoch) return *claim;
  const store::ShardClaim claim{.shard = shard, .epoch = ++epoch};
  held_.Hold(claim);
  return claim;
}

absl::Status ShardStore::Release(const store::ShardClaim& claim) {
  const absl::Status status = Check(claim);
  if (!absl::IsUnavailable(status)) held_.Drop(claim);
  return status;
}

absl::Status ShardStore::LoadState(const store::ShardClaim& claim, std::string_view head,
                                   const StateVisitor& visit) {
  if (absl::Status status = Check(claim); !status.ok()) return status;
  const auto& state = database_.shards[claim.shard].state;
  const auto first = state.find(std::string(head));
  if (first != state.end() && !visit({first->first, first->second})) return absl::OkStatus();
  for (auto row = state.begin(); row != state.end(); ++row) {
    if (row != first && !visit({row->first, row->second})) break;
  }
  return absl::OkStatus();
}

absl::Status ShardStore::LoadPositions(const store::ShardClaim& claim,
                                       std::vector<position::PartitionPosition>* positions) {
  if (absl::Status status = Check(claim); !status.ok()) return status;
  for (const auto& [name, position] : database_.shards[claim.shard].positions) {
    positions->push_back(position);
  }
  return absl::OkStatus();
}

absl::Status ShardStore::LoadFailures(const store::ShardClaim& claim, EventTime from,
                                      std::vector<store::FailureCount>* failures) {
  if (absl::Status status = Check(claim); !status.ok()) return status;
  for (const auto& [key, count] : database_.shards[claim.shard].failures) {
    if (key.first >= from) failures->push_back({key.first, key.second, count});
  }
  return absl::OkStatus();
}

absl::Status ShardStore::Commit(const store::ShardClaim& claim, const store::StoreCommit& commit) {
  if (absl::Status status = Check(claim); !status.ok()) {
    database_.aborted += absl::IsAborted(status) ? 1 : 0;
    return status;
  }
  ++database_.commits;
  ShardDatabase::Stored& stored = database_.shards[claim.shard];
  for (const StateRow& row : commit.state) {
    if (row.value.empty()) {
      stored.state.erase(row.key);
    } else {
      stored.state[row.key] = row.value;
    }
  }
  for (const position::PartitionPosition& position : commit.positions) {
    stored.positions[{position.topic, position.partition}] = position;
  }
  for (const store::FailureCount& count : commit.failures) {
    stored.failures[{count.bucket, count.code}] = count.count;
  }
  database_.revisions.insert(database_.revisions.end(), commit.revisions.begin(),
                             commit.revisions.end());
  return absl::OkStatus();
}

}  // namespace signinwatch::pipeline
