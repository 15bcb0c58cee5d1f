// A store in a folder of its own, and what tests do with it.
#ifndef SIGNINWATCH_TESTS_DAEMON_STORE_STORE_FIXTURE_H_
#define SIGNINWATCH_TESTS_DAEMON_STORE_STORE_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/open_store.h"
#include "gtest/gtest.h"
#include "tests/daemon/store/store_samples.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {

class StoreTest : public testing::Test {
 protected:
  StoreTest() { Reopen(); }

  void Reopen() {
    store_.reset();
    store_ = MustOpen(options_);
  }
  void Commit(const StoreCommit& commit) {
    const absl::Status s = store_->Commit(commit);
    ASSERT_TRUE(s.ok()) << s;
  }
  void CommitState(std::vector<StateRow> rows) { Commit({.state = std::move(rows)}); }
  void CommitRevisions(EventTime moment, std::vector<TicketRevision> revisions) {
    Commit({.moment = moment, .revisions = std::move(revisions)});
  }
  std::vector<Delivery> Deliveries(const std::string& sink, int64_t after = 0, size_t limit = 100) {
    std::vector<Delivery> deliveries;
    EXPECT_TRUE(store_->NextDeliveries(sink, after, limit, &deliveries).ok());
    return deliveries;
  }

  TemporaryFolder folder_;
  StoreOptions options_{.path = folder_.Path("store.db"), .limits = {.sinks = {"soc", "mail"}}};
  std::unique_ptr<Store> store_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DAEMON_STORE_STORE_FIXTURE_H_
