// How tables come about, and how they become those of a newer version.
#include "daemon/store/postgres/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/daemon/store/postgres_server.h"

namespace signinwatch::store::postgres {
namespace schema_test {

using testing::HasSubstr;

class SchemaTest : public testing::Test {
 protected:
  SchemaTest() {
    auto opened = Connection::Open({.url = PostgresServer::Shared().NewDatabase(),
                                    .password = nullptr,
                                    .name = "test",
                                    .clock = clock::SystemClock()},
                                   Soon());
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (opened.ok()) connection_ = *std::move(opened);
  }
  static clock::SteadyTime Soon() {
    return clock::SystemClock().Steady() + std::chrono::seconds(20);
  }
  int64_t Version() {
    const auto version = SchemaVersion(*connection_, Soon());
    EXPECT_TRUE(version.ok()) << version.status();
    return version.ok() ? *version : -1;
  }

  std::unique_ptr<Connection> connection_;
};

TEST_F(SchemaTest, AnOlderStoreIsBroughtUpToDate) {
  EXPECT_EQ(Version(), 0);
  ASSERT_TRUE(PrepareSchema(*connection_, Soon()).ok());
  const auto known = static_cast<int64_t>(SchemaMigrations().size());
  EXPECT_EQ(Version(), known);
  std::vector<const char*> next(SchemaMigrations().begin(), SchemaMigrations().end());
  next.push_back("CREATE TABLE later(n bigint); INSERT INTO later VALUES (7)");

  const absl::Status older = CheckSchema(*connection_, Soon(), next);
  EXPECT_EQ(older.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(older.message()), HasSubstr("an older signinwatch"));
  EXPECT_EQ(Version(), known) << "a reader changes nothing";

  ASSERT_TRUE(PrepareSchema(*connection_, Soon(), next).ok());
  ASSERT_TRUE(PrepareSchema(*connection_, Soon(), next).ok()) << "again is fine";
  EXPECT_EQ(Version(), known + 1);
  EXPECT_TRUE(CheckSchema(*connection_, Soon(), next).ok());
  const auto rows = connection_->Run({"SELECT sum(n)::bigint FROM later"}, Soon());
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->Integer(0, 0), 7);
  EXPECT_EQ(PrepareSchema(*connection_, Soon()).code(), absl::StatusCode::kFailedPrecondition)
      << "of a newer version";
}

TEST_F(SchemaTest, AMigrationThatFailsLeavesWhatWasThere) {
  ASSERT_TRUE(PrepareSchema(*connection_, Soon()).ok());
  const int64_t before = Version();
  std::vector<const char*> next(SchemaMigrations().begin(), SchemaMigrations().end());
  next.push_back("CREATE TABLE later(n bigint)");
  next.push_back("SELECT 1 / 0");
  EXPECT_FALSE(PrepareSchema(*connection_, Soon(), next).ok());
  EXPECT_FALSE(connection_->lost());
  EXPECT_EQ(Version(), before);
  EXPECT_FALSE(connection_->Run({"SELECT n FROM later"}, Soon()).ok());
}

TEST(CodeOf, SaysWhatMayPass) {
  using enum absl::StatusCode;
  const struct {
    const char* sqlstate;
    absl::StatusCode code;
  } cases[] = {{"", kUnavailable},
               {"08006", kUnavailable},
               {"40001", kUnavailable},
               {"40P01", kUnavailable},
               {"55P03", kUnavailable},
               {"57P01", kUnavailable},
               {"57014", kUnavailable},
               {"25006", kUnavailable},
               {"53300", kUnavailable},
               {"53100", kResourceExhausted},
               {"28P01", kPermissionDenied},
               {"42501", kPermissionDenied},
               {"3D000", kFailedPrecondition},
               {"42P01", kFailedPrecondition},
               {"XX001", kDataLoss},
               {"23505", kInternal}};
  for (const auto& c : cases) EXPECT_EQ(CodeOf(c.sqlstate), c.code) << c.sqlstate;
  EXPECT_TRUE(IsConflict("40001"));
  EXPECT_TRUE(IsConflict("55P03"));
  EXPECT_FALSE(IsConflict("57P01")) << "the connection is gone";
}

}  // namespace schema_test
}  // namespace signinwatch::store::postgres
