"""The words of judgement, degree and negation that `answers_levels` takes phrases apart with, English and Chinese.

Rule: data only. Alternatives of regular expressions over folded text; the longest that fits is taken, and a word that
stands in two tables belongs to the first of them.
"""

from collections.abc import Mapping
from typing import Final

# Five steps from -2 to 2. What a degree or a negation does to a word depends on its step.
JUDGEMENTS: Final[Mapping[int, str]] = {
    2: r"""excellent|perfect|amazing|outstanding|awesome|fantastic|brilliant|wonderful|superb|exceptional|delighted
    |the\sbest|best
        |incredible|flawless|top\snotch|first\sclass|spot\son|couldn'?t\sbe\s(?:better|happier)|love(?:d)?\sit|thrilled
        |完美|棒极了|好极了|满意极了|太棒了|超赞|五星好评|好评|无可挑剔|没得说|没话说|挑不出毛病|优秀|卓越|极好|极佳
        |顶呱呱|满满的好评|绝了""",
    1: r"""satisfied|satisfactory|happy|pleased|good|great|nice|fine|glad|content|well|lovely|positive|impressed
    |satisfying
        |enjoyed\sit|like(?:d)?\sit|no\scomplaints|all\sgood|not\sbad|not\s(?:too|so|that|half)\sbad
        |nothing\sto\scomplain\sabout
        |满意|不错|好|挺好|赞|棒|开心|高兴|喜欢|不赖|不差|良好|良|没毛病|没什么不满意|没啥不满意|很可以|可圈可点""",
    0: r"""ok|okay|average|neutral|so\s?-?\s?so|meh|alright|all\sright|acceptable|mediocre|passable|middling
    |nothing\sspecial
        |neither(?:\ssatisfied\snor\sdissatisfied|\sgood\snor\sbad|\shappy\snor\sunhappy)?|indifferent|fair|medium
        |in\sthe\smiddle|undecided
        |一般|一般般|一般吧|还好|尚可|还行|还可以|凑合|马马虎虎|中等|普通|普普通通|中评|将就|就那样|就那么回事|过得去|中规中矩
        |不好不坏|无感
        |说不上满意也说不上不满意|没什么感觉|平平|平平无奇|及格|差强人意吧|中立|半半|不功不过""",
    -1: r"""dissatisfied|unsatisfied|disatisfied|dissapointed|dissappointed|disappointed|disappointing|unhappy|bad
    |poor|unsatisfactory
        |displeased|upset|frustrated|frustrating|annoyed|lousy|subpar|not\sgood\senough|substandard|unimpressed|lacking
        |差|坏|不满(?!意)|失望|差劲|糟|糟糕|烂|难受|不爽|不咋样|不咋地|不怎么样|不怎样|不太行|不行|欠佳|不佳|不如人意|不尽人意
        |不理想|不够好|郁闷""",
    -2: r"""terrible|awful|horrible|worst|the\sworst|appalling|atrocious|dreadful|disgusting|abysmal|disgraceful
    |rubbish|crap|shit|shite
        |garbage|trash|furious|hate(?:d)?\sit|useless|unacceptable|pathetic|diabolical|disaster|a\sdisaster|a\sjoke
        |sucks?|it\ssucks
        |极差|差评|糟透了|糟糕透了|烂透了|差极了|垃圾|失望透顶|失望至极|差到极点|一塌糊涂|最差|恶劣|太烂了|气死了?
        |坑人""",
}
# Agreement that it was easy, as CES 2.0 asks for it.
EASE: Final[Mapping[int, str]] = {
    2: r"""effortless|a\sbreeze|a\spiece\sof\scake|piece\sof\scake|couldn'?t\sbe\seasier|easy\speasy|毫不费力
    |毫不费劲|小菜一碟|轻而易举|秒解决""",
    1: r"""easy|simple|agree|agreed|straightforward|smooth|painless|convenient|hassle\s?-?free|no\shassle|no\strouble
    |容易|简单|同意|赞同|认同|轻松|方便
        |顺利|顺畅|便捷|省事|省心|不麻烦|不难|不复杂|not\s(?:hard|difficult|complicated)""",
    0: r"""neutral|neither|neither\sagree\snor\sdisagree|neither\seasy\snor\s(?:hard|difficult)|average|so\s?-?\s?so
    |meh|ok|okay|undecided|in\sthe\smiddle
        |中立|一般|一般般|还行|还可以|说不清|不难不易|普通""",
    -1: r"""difficult|hard|disagree|complicated|tricky|confusing|painful|inconvenient|cumbersome|tough|uneasy|难|困难
    |不同意|不赞同|不认同|麻烦|复杂|费劲|费事
        |费力|繁琐|吃力|不方便|不容易|不简单|不轻松|折腾""",
    -2: r"""impossible|a\snightmare|nightmare|a\sstruggle|难死了|难如登天|麻烦死了|不可能""",
}
STRONG: Final = r"""very|strongly|extremely|really|so|totally|completely|absolutely|highly|super|incredibly|utterly
    |truly|entirely|v|vv|bloody|fully
    |too|damn|hugely|deeply|very\svery|100%|more\sthan|beyond|最最|非常非常|很是|真心|真的是?|非常|十分|特别|超级?
    |极其|极度|极为|完全|绝对
    |相当|百分百|百分之百|100%|无比|贼|巨|超超|挺?很|很|太|好|真|实在是?|简直|万分|格外|尤其|老|忒|灰常|狠|hin
    |蛮?非常|最"""
MILD: Final = r"""quite|pretty|fairly|somewhat|rather|reasonably|mostly|generally|kinda|kind\sof|sort\sof|slightly
    |a\slittle|a\sbit|a\sbit\sof|mildly
    |moderately|partly|largely|partially|比较|较|较为|还算|还是|还|挺|蛮|算是?|有点儿?|有些|稍微|略|略微|多少有点
    |基本上?|大致|大体|大部分|总体还"""
NOT: Final = r"""not|isn'?t|wasn'?t|ain'?t|aren'?t|hardly|don'?t\sfeel|didn'?t\sfeel|far\sfrom|wouldn'?t\ssay
    |wouldn'?t\ssay\sit\swas|谈不上|称不上
    |并不是?|不够|不|没|未|没有"""
NOT_QUITE: Final = r"""not\sreally|not\sthat|not\sall\sthat|not\sparticularly|not\sexactly|not\svery|not\stoo|not\sso
    |not\squite|not\sentirely|not\scompletely
    |not\stotally|不是很|不是太|不是特别|不是非常|不怎么|不太|不大|不很|没那么|不那么|不是那么|不算太?|没有很|没有多
    |并不是?很|并不太|不特别|不十分|不完全"""
AT_ALL: Final = r"""not\sat\sall|not\sin\sthe\sleast|not\sone\sbit|一点儿?都?也?不|一点儿?[都也]不|一点不
    |完全不|毫不|根本不|绝对不|压根不|丝毫不|半点不|从不|最不"""
# After the judgement these strengthen it, as "very" does before it.
AFTERWARDS: Final = r"at\sall|indeed|极了|得很|至极|透顶|透了|死了|爆了|到爆|到家了|到极点|得要命|得不得了|得不行|坏了"
TAIL: Final = r"""overall|in\sgeneral|actually|enough|thanks|thank\syou|so\sfar|i\sguess|i\sthink|really|too|tbh
    |honestly|lol|haha
    |service|experience|job|work|stuff|about\sit|with\sit|with\severything|with\syou|this\stime|by\sit|by\sthis|ngl
    |mate|as\susual|as\salways
    |了|的|吧|啊|呀|呢|哦|噢|哈+|啦|嘛|咯|哟|喔|滴|哒|谢谢你?们?|感谢|了点|一点|一些"""
HEAD: Final = r"""i|i'?m|i\swas|i\sam|i\sfeel|i\sfelt|i'?d\ssay|i\swould\ssay|it\swas|it'?s|it\sis|its|was|is|were|we
    |we'?re|we\swere|we\sare|all|feel|feeling|felt|just|overall
    |everything(?:\swas|'?s|\sis)?|that\swas|the\s(?:service|experience)(?:\swas|\sis)?|service(?:\swas)?
    |experience(?:\swas)?|my\sexperience(?:\swas)?
    |with|honestly|well|yes|yeah|oh|um+|hmm+|probably|i\sthink|i\sguess|think|guess|maybe|definitely|a|an|of
    |to\sbe\shonest|tbh|had|did|has\sbeen|would\ssay|say
    |我|我们|满意度|个人|觉得|感觉|认为|总体|整体|总的来说|总体来说|总体上|整体上|服务|体验|服务体验|这次|本次|对|对此
    |对你们|对服务|就|是|都|也|表示|还|说实话|嗯+|哦|额|可以说|给个?|给你们?|评价|的|挺|各方面|一切|选|应该|确实|可能
    |大概|令人|让人|让我|感到"""
