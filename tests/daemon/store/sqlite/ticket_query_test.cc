// How tickets are found; what is found is in tests/daemon/store/conformance.
#include "daemon/store/sqlite/ticket_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/store/sqlite/sqlite_connection.h"
#include "tests/daemon/store/store_samples.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::store {
namespace ticket_query_test {

// What makes a page cheap among very many tickets: every usual way to look is by an index.
TEST(TicketQuery, UsualQueriesAreByIndex) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("store.db");
  ASSERT_NE(MustOpen({.path = path}), nullptr);
  auto reader = Connection::Open(path, Connection::Access::kReadOnly, 1 << 20);
  ASSERT_TRUE(reader.ok());
  const auto plan = [&](const std::string& where) {
    Statement explain(**reader, "EXPLAIN QUERY PLAN SELECT sequence FROM tickets " + where +
                                    " ORDER BY first_event_time DESC, ticket_id DESC LIMIT 100");
    std::string steps;
    explain.Bind();
    while (explain.Next()) steps += explain.Bytes(3) + "\n";
    EXPECT_TRUE(explain.Finish().ok());
    return steps;
  };
  const struct {
    const char* where;
    const char* by;
    bool sorts;
  } cases[] = {
      {"", "USING INDEX tickets_by_time", false},
      {"WHERE (first_event_time, ticket_id) < (?, ?)", "SEARCH tickets USING INDEX tickets_by_time",
       false},
      {"WHERE tenant_id = ?", "tickets_by_tenant (tenant_id=?)", false},
      {"WHERE tenant_id = ? AND (first_event_time, ticket_id) < (?, ?)",
       "tickets_by_tenant (tenant_id=? AND (first_event_time,ticket_id)<(?,?))", false},
      {"WHERE state = ?", "tickets_by_state (state=?)", false},
      {"WHERE (user_id = ? OR user_name = ?)", "tickets_by_name (user_name=?)", true},
      {"WHERE severity IN (?) AND severity_rank > reviewed_rank AND state <> 'merged'",
       "tickets_to_review (severity=?)", false},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(plan(c.where), testing::HasSubstr(c.by)) << c.where;
    EXPECT_EQ(plan(c.where).find("TEMP B-TREE") != std::string::npos, c.sorts) << c.where;
  }
}

}  // namespace ticket_query_test
}  // namespace signinwatch::store
