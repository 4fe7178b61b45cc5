#include "base/log_catalog.h"

#include <array>

namespace mailchute::log {

namespace {

struct Entry {
  std::string_view event;
  std::string_view id;
};

// An id is a name for ever: an event that goes takes its id with it.
constexpr std::array kEntries = {
    Entry{"accepted", "32ed610bcfbc4856a59aac3be8ff148d"},
    Entry{"delivered", "da0244edcf864985a2453ea6d20f7bc5"},
    Entry{"deferred", "d9d02ed858f944e298b5fd75e5071c60"},
    Entry{"failed", "3d6073f7d75b430aa4e203df8d01d9e1"},
    Entry{"uncertain", "67ae3300d6cb48b3bed935fb54a1cc93"},
    Entry{"held", "cb0a027999344e94a9f492f26bfee009"},
    Entry{"expired", "1f18f59094ea4036a29e822fe15c17f8"},
    Entry{"notice", "37ab46bc73c74c578f0121f28f494c83"},
    Entry{"notice-later", "48ac0a688df9460a9b0f58c7e074200a"},
    Entry{"digest", "1a11ada227034a699dceca7760a8bbfe"},
    Entry{"no-notice", "ed157cbc54274d3fb0409fafc0836d65"},
    Entry{"client-refused", "de95af02a33545458b6493b4d88f387b"},
    Entry{"client-fault", "ccaa362ac207478f888f4b79b50d2784"},
    Entry{"client-login-refused", "741b55d1559c427fbcf7a12303431058"},
    Entry{"upstream-ready", "2e4dac14602c483da1f20e89205a6f8b"},
    Entry{"upstream-cooling", "318380d1b00b4f0fb96841bf53735f72"},
    Entry{"upstream-recovered", "6042f5519b6941a0af4aaf2c22c5349d"},
    Entry{"upstream-setup", "b534e6734b8b4d72a93523bb03b59ed4"},
    Entry{"quota-held", "92ad7a1f95ea41e0946c48bc13afa32b"},
    Entry{"started", "55f8beae3fdc43ceb03fd5877a33d657"},
    Entry{"listening", "ef4d406e3c0a4b4da30fb3913a048b03"},
    Entry{"stopping", "573f2cb55ba644e89e91a5bf2d4c5985"},
    Entry{"stopped", "557e45ebca09410ca9d6646ff2a8f120"},
    Entry{"reloaded", "206bfd0bd88e487ab9e50ef0ee65873a"},
    Entry{"reload-refused", "9299d6498fe44ecc80cbe5d73a8e7bbc"},
    Entry{"store-broken", "625faff9f9cd48a9a938751109603a5f"},
    Entry{"recovered", "ec2f90fd0463432c8510015fb20ac436"},
    Entry{"admission", "acdc5188f08843e09d132099e9d24e4b"},
    Entry{"share-spent", "b6f0c1d25a0e4f6c9d1b7e4a83c25f10"},
    Entry{"clock-jumped", "86f3ca84f0484d9388d7cf0d0302dd31"},
    Entry{"login_refused", "1580ab197bba4e45968ea65fedce0ea4"},
    Entry{"upstream_down", "6c070e0c06104ac780a1185412217d82"},
    Entry{"certificate", "0b5401c52b094ecd972c216712c692f9"},
    Entry{"secret", "d42d4936806b45ef8a5926657c8c871a"},
    Entry{"quota_held", "9104db9d778c403eadf8a4f47d28106e"},
    Entry{"oldest_message", "4c948599e0174e2b8ee640c8e7c34618"},
    Entry{"disk_reserve", "ca7a35399c684c059707e6abb824300c"},
    Entry{"queue_full", "5233b50dce2e4dec9f72da10eb4ffedf"},
    Entry{"store_broken", "286fe6a470824a9699eeb845c3dcc9a1"},
    Entry{"message_untold", "28b7847e51664e129a5effab7e34331c"},
    Entry{"provider_asks", "7387bb2893844b28a4768ee73aac7cdd"},
    Entry{"queue_missing", "7f7ede036245400bb9dea6cb0a5eb7bf"},
    Entry{"queue_older", "80aa2c2d71c4426bab42ce4074e7107a"},
    Entry{"message_damaged", "536d2e1135e242b9ab8498049235b591"},
    Entry{"disk_full", "c8d973b65a614014abc04e67dd1601f7"},
};

}  // namespace

std::string_view catalog_entry(std::string_view event) {
  for (const Entry& entry : kEntries)
    if (entry.event == event) return entry.id;
  return {};
}

}  // namespace mailchute::log
