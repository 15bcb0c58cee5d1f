// Who works on the store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/store/conformance/store_kinds.h"

namespace signinwatch::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using InstanceConformance = StoreConformance<Store>;

INSTANTIATE_TEST_SUITE_P(Each, InstanceConformance, testing::ValuesIn(Stores()), NameOf());

TEST_P(InstanceConformance, IsShownWhileItSaysThatItIsThere) {
  const auto find = [&](EventTime now) {
    Instances instances;
    const absl::Status s = store_->FindInstances(now, &instances);
    EXPECT_TRUE(s.ok()) << s;
    return instances;
  };
  EXPECT_THAT(find(Minute(0)).seen, IsEmpty());
  const InstanceFacts facts{.name = "host-1:9532",
                            .role = "all",
                            .version = "1.0",
                            .started_at = Minute(-5),
                            .details = R"({"lag":3})"};
  ASSERT_TRUE(store_->NoteInstance(facts, Minute(0)).ok());
  ASSERT_TRUE(store_->NoteInstance(facts, Minute(1)).ok());
  const Instances now = find(Minute(1) + kInstanceShownFor);
  ASSERT_THAT(now.seen, SizeIs(1));
  EXPECT_EQ(now.seen[0].facts.name, facts.name);
  EXPECT_EQ(now.seen[0].facts.role, facts.role);
  EXPECT_EQ(now.seen[0].facts.version, facts.version);
  EXPECT_EQ(now.seen[0].facts.started_at, facts.started_at);
  EXPECT_EQ(now.seen[0].facts.details, facts.details);
  EXPECT_EQ(now.seen[0].seen_at, Minute(1));
  EXPECT_TRUE(now.seen[0].is_this);
  EXPECT_THAT(now.seen[0].shards, ElementsAre(0));
  EXPECT_THAT(now.unowned, IsEmpty());
  EXPECT_THAT(find(Minute(1) + kInstanceShownFor + Duration(1)).seen, IsEmpty());
  ASSERT_TRUE(store_->ForgetInstance().ok());
  EXPECT_THAT(find(Minute(1)).seen, IsEmpty());
}

TEST_P(InstanceConformance, SaysNoMoreThanItMay) {
  const InstanceFacts facts{.name = "host",
                            .role = "all",
                            .version = "1",
                            .details = std::string(kInstanceDetailsBytesMax + 1, ' ')};
  EXPECT_EQ(store_->NoteInstance(facts, Minute(0)).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace signinwatch::store
