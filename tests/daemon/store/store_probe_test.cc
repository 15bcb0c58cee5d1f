#include "daemon/store/store_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "daemon/store/open_store.h"
#include "tests/daemon/store/postgres_server.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::store {
namespace store_probe_test {

using testing::HasSubstr;

TEST(StoreProbe, LooksAndMakesNothing) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("store.db");
  StoreFacts facts = ProbeStore(path);
  EXPECT_EQ(facts.problem, "");
  EXPECT_EQ(facts.file_bytes, 0u);
  EXPECT_GT(facts.free_bytes, 0u);
  EXPECT_EQ(facts.holder, "");
  EXPECT_TRUE(std::filesystem::is_empty(folder.Path("")));
  {
    const auto store = OpenStore({.path = path});
    ASSERT_TRUE(store.ok());
    EXPECT_THAT(ProbeStore(path).holder, HasSubstr("process "));
    EXPECT_THAT(ProbeStore(path).holder, HasSubstr("process "));
  }
  facts = ProbeStore(path);
  EXPECT_EQ(facts.holder, "");
  EXPECT_GT(facts.file_bytes, 0u);
  EXPECT_TRUE(OpenStore({.path = path}).ok());
}

TEST(StoreProbe, SaysWhyItCanNotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THAT(ProbeStore(folder.Path("missing/store.db")).problem, HasSubstr("missing"));
}

TEST(StoreProbe, LooksAtADatabase) {
  const StoreOptions options{.url = PostgresServer::Shared().NewDatabase(),
                             .clock = &clock::SystemClock()};
  DatabaseFacts facts = ProbeDatabase(options);
  EXPECT_EQ(facts.problem, "");
  EXPECT_GE(facts.server_version, 140'000);
  EXPECT_EQ(facts.version, 0);
  EXPECT_TRUE(facts.may_make_tables);
  EXPECT_EQ(facts.greatest_shard, -1);
  EXPECT_LT(facts.round_trip, std::chrono::seconds(5));
  {
    const auto store = OpenStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->Claim(0).ok());
    ASSERT_TRUE((*store)->Claim(1).ok());
    ASSERT_TRUE((*store)->Release(*(*store)->Claim(1)).ok());
    facts = ProbeDatabase(options);
    EXPECT_EQ(facts.problem, "");
    EXPECT_EQ(facts.version, facts.known_version);
    EXPECT_EQ(facts.shards, 2u);
    EXPECT_EQ(facts.greatest_shard, 1);
    EXPECT_EQ(facts.shards_owned, 1u);
    EXPECT_EQ(facts.owners, 1u);
    EXPECT_GT(facts.bytes, 0u);
  }
  StoreOptions nowhere = options;
  nowhere.url += "none";
  EXPECT_THAT(ProbeDatabase(nowhere).problem, HasSubstr("does not exist"));
}

}  // namespace store_probe_test
}  // namespace signinwatch::store
