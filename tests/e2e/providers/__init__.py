"""The emulated providers by the names that the daemon's profiles have, where it has one. One file an idea: each says only
what its provider does otherwise than `generic`, the plain and correct server.

The texts are those that have been seen on the wire or are in the provider's own documents; a figure or text that is a
guess says so.
"""
from providers.aliyun import Aliyun
from providers.generic import Generic
from providers.gmail import Gmail
from providers.m365 import M365
from providers.mailgun import Mailgun
from providers.netease import Netease, Netease126
from providers.postmark import Postmark465
from providers.proton import ProtonBridge
from providers.qq import Exmail, QQ
from providers.sendgrid import SendGrid
from providers.ses import SES
from providers.tencent_ses import TencentSES
from providers.yahoo import Yahoo
from providers.yandex import Yandex

BY_NAME = {"generic": Generic, "qq": QQ, "exmail": Exmail, "163": Netease, "126": Netease126, "gmail": Gmail, "m365": M365,
           "ses": SES, "yahoo": Yahoo, "mailgun": Mailgun, "sendgrid": SendGrid, "aliyun": Aliyun,
           "tencent-ses": TencentSES, "postmark465": Postmark465, "proton-bridge": ProtonBridge, "yandex": Yandex}
