// What people did with tickets, in the tables; the rest is in tests/daemon/store/conformance.
#include "daemon/store/sqlite/handling_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/store/store_samples.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::store {
namespace handling_tables_test {

class HandlingTest : public testing::Test {
 protected:
  void Commit(const std::string& id, uint32_t revision, Severity severity,
              TicketState state = TicketState::kOpen, EventTime moment = Minute(0)) {
    TicketRevision r = RevisionOf(id, revision, {});
    r.ticket.severity = severity;
    r.ticket.state = state;
    const absl::Status s = CommitTo(*store_, {.moment = moment, .revisions = {r}});
    ASSERT_TRUE(s.ok()) << s;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_ = MustOpen({.path = folder_.Path("store.db")});
};

TEST_F(HandlingTest, IsForgottenWithTheTicket) {
  Commit("old", 1, Severity::kHigh, TicketState::kResolved);
  Commit("new", 1, Severity::kHigh, TicketState::kResolved, Minute(0) + 100 * kDay);
  for (const char* id : {"old", "new"}) {
    ASSERT_TRUE(store_->Review(id, 1, "ada", Minute(5)).ok());
    ASSERT_TRUE(store_->Tick(id, {"Call", Minute(1), "bo"}).ok());
  }
  MaintainAll(*store_, Minute(0) + 101 * kDay);
  TicketHandling handling;
  EXPECT_EQ(store_->Handling("old", &handling).code(), absl::StatusCode::kNotFound);
  const auto db =
      Connection::Open(folder_.Path("store.db"), Connection::Access::kReadOnly, 1 << 20);
  ASSERT_TRUE(db.ok());
  for (const char* table : {"reviews", "ticks", "ticket_words"}) {
    EXPECT_EQ(*(*db)->QueryText(std::string("SELECT group_concat(ticket_id) FROM ") + table), "new")
        << table;
  }
}

TEST_F(HandlingTest, AReaderChangesNothing) {
  Commit("t", 1, Severity::kHigh);
  const std::unique_ptr<Store> reader =
      MustOpen({.path = folder_.Path("store.db"), .read_only = true});
  EXPECT_EQ(reader->Review("t", 1, "ada", Minute(5)).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(reader->Tick("t", {"Call", Minute(1), "bo"}).code(),
            absl::StatusCode::kPermissionDenied);
  TicketHandling handling;
  ASSERT_TRUE(store_->Handling("t", &handling).ok());
  EXPECT_THAT(handling.ticks, testing::IsEmpty());
}

}  // namespace handling_tables_test
}  // namespace signinwatch::store
