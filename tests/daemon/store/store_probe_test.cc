#include "daemon/store/store_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "daemon/store/open_store.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace {

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

}  // namespace
}  // namespace signinwatch
