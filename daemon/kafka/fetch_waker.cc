#include "daemon/kafka/fetch_waker.h"

#include "daemon/kafka/client.h"
#include "daemon/kafka/source_conf.h"

namespace signinwatch::kafka {
namespace {

constexpr int kWakesByItself = 0x020200ff;

}  // namespace

void FetchWaker::Learn(const rd_kafka_conf_t* conf) {
  needed_ = rd_kafka_version() < kWakesByItself;
  username_ = GetOption(conf, "sasl.username");
  password_ = GetOption(conf, "sasl.password");
  wake_bytes_ = QueueBytes(conf) / 4;
}

void FetchWaker::Wake(rd_kafka_t* client) {
  taken_bytes_ = 0;
  if (!needed_) return;
  const ErrorHandle error(
      rd_kafka_sasl_set_credentials(client, username_.c_str(), password_.c_str()));
}

}  // namespace signinwatch::kafka
