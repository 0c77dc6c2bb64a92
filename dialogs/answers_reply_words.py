"""What people say for yes and for no, and when they pass a question over or refuse it; English and Chinese.

Rule: data only. Whole replies, folded and without punctuation. A word that can mean yes to one question and no to
another stands in UNDECIDED.
"""

from typing import Final


def _table(words: str) -> frozenset[str]:
    return frozenset(word.strip() for word in words.replace("\n", "|").split("|") if word.strip())


YES: Final = _table(
    """
    yes|y|yep|yeah|yea|yeh|yup|yah|ya|ye|yas|yess|yus|aye|sure|sure thing|of course|ofc|ok|okay|okey|okie|okey dokey
    k|kk|definitely|certainly|absolutely|indeed|correct|right|that's right|thats right|true|affirmative|positive
    i do|i did|i have|i am|i will|i would|it did|it was|it is|it has|they did|he did|she did|we did|yes please
    please|please do|yes i do|yes i did|yes it did|yes it was|yes they did|yes of course|i think so|i guess so
    i believe so|why not|totally|for sure|100%|you bet|uh huh|uh-huh|mhm|mm hmm|mmhmm|very much so|very much|always
    gladly|happy to|with pleasure|sounds good|agreed|i agree|go ahead|fine|alright|all right|roger|yes sir
    yes definitely|yes absolutely|yes thanks|yes thank you|yes yes|yessir|oh yes|hell yes|hell yeah|yes 100%|1|si|是
    是的|是滴|是啊|是呀|是哒|是的呢|对|对的|对啊|对呀|对头|对对|对对对|好|好的|好啊|好呀|好吧|好哒|好滴|好嘞|好哦
    好喔|好的呢|嗯|嗯嗯|嗯呐|嗯哼|恩|恩恩|昂|可以|可以的|可以啊|可以呀|可以吧|行|行的|行啊|行吧|成|中|有|有的|有啊
    有呀|有过|能|能的|会|会的|会啊|要|要的|想|愿意|同意|我同意|我愿意|需要|当然|当然可以|当然会|那当然|当然了|当然是
    肯定|肯定会|肯定的|一定|一定会|必须|必须的|没错|正确|确实|确认|的确|是这样|是这样的|就是|已经|已收到|收到了
    已经收到了|解决了|已解决|已经解决了|完成了|到了|满意|喜欢|准时|妥|得|系|系啊|好呀好呀|好好好|嗯好|嗯好的|嗯可以
    嗯是的|绝对|绝对会|是的没错|对的没错|乐意|非常愿意|很愿意|会推荐|当然会推荐|愿意的|收到|好的谢谢|好的可以|嗯对
    """
)

NO: Final = _table(
    """
    no|n|nope|nah|naw|nay|no way|not really|not at all|never|negative|false|wrong|incorrect|i don't|i dont|i do not
    i didn't|i didnt|i did not|i haven't|i havent|i have not|i'm not|im not|i am not|i won't|i wont|i wouldn't
    i would not|it didn't|it didnt|it did not|it wasn't|it wasnt|it was not|it isn't|it's not|they didn't
    they did not|he didn't|she didn't|we didn't|no thanks|no thank you|no thx|no ty|nope thanks|not yet
    of course not|definitely not|certainly not|absolutely not|not|nothing|none|no sir|hell no|no no|no no no|don't
    dont|do not|please don't|i don't think so|i dont think so|don't think so|not interested|i'd rather not
    rather not|no i don't|no i didn't|no i did not|no it didn't|no it wasn't|no it did not|no it was not
    no they didn't|not a chance|not now|no not really|no not yet|no not at all|unfortunately not|unfortunately no
    sadly not|afraid not|i'm afraid not|i am afraid not|still no|still not|oh no|nein|non|2|0|not this time|不|不是
    不是的|不是啊|没|没有|没有啊|没有呢|没有的|没有过|没呢|还没|还没有|还没呢|尚未|不对|不好|不行|不可以|不能|不会
    不会的|不要|不要了|不想|不用|不用了|不必|不必了|不需要|不需要了|不同意|我不同意|不愿意|不愿|没收到|没有收到
    还没收到|未|未收到|否|非|无|没解决|没有解决|未解决|还没解决|完全没有|一点都没有|一点也没有|从来没有|暂无|从没|从不
    绝不|绝对不|绝对不会|肯定不|肯定不会|当然不|当然不是|当然没有|当然不会|不喜欢|不满意|错|错了|不正确|不准时|不不
    不不不|不了|不了谢谢|不用谢谢|不用了谢谢|不推荐|不会推荐|唔系|冇|不得|不得行|不中|不能够|哪有|才不|才不是|算了
    算了吧|不感兴趣|没兴趣|暂时不|暂时不用|暂时没有|目前没有|并没有|并不|并不是|不太会|应该不会|没到
    """
)

UNDECIDED: Final = _table(
    """
    maybe|perhaps|possibly|not sure|unsure|i'm not sure|im not sure|i don't know|i dont know|don't know|dont know
    idk|dunno|no idea|it depends|depends|yes and no|yes or no|y/n|so so|so-so|sometimes|no problem|no problems
    no worries|probably|probably not|i guess|kind of|kinda|sort of|sorta|partly|partially|half|could be|might|mostly
    neither|both|either|hard to say|yes but no|no but yes|i suppose|不确定|不清楚|不知道|不晓得|不太清楚|不一定
    不好说|说不好|说不准|难说|看情况|也许|可能|可能吧|或许|大概|大概吧|应该|应该吧|应该是|应该会|没问题|没事|没关系
    不错|还行|还好|一般|有点|有时|有时候|偶尔|随便|都行|都可以|无所谓|不客气|不好意思|不要紧|不过|不仅|不得不|不至于
    部分|是不是|好不好|对不对|有没有|要不要|可不可以|是吗|不是吗|考虑一下|再说|再看|看看|算是吧|差不多|是也不是|没准
    没啥|没什么|没想好|没感觉
    """
)

# Passing this one question over.
SKIP: Final = _table(
    """
    skip|skip it|skip this|skip this one|skip question|skip this question|skip that|/skip|next|next question
    next one|pass|i pass|i'll pass|i will pass|no comment|no answer|prefer not to say|i prefer not to say
    i'd prefer not to|i'd prefer not to say|prefer not to answer|i'd rather not say|rather not say
    i would rather not say|don't want to say|i don't want to say|not saying|can i skip|can i skip this
    i'd like to skip|i want to skip|跳过|跳过吧|跳过这题|跳过此题|跳过这个|先跳过|我想跳过|可以跳过吗|能跳过吗|略过
    略|下一题|下一个|下一步|过|pass吧|不想说|我不想说|不想讲|不想回答|我不想回答|不想答|不方便说|不方便透露|不便透露
    不便说|不说了|不答|不回答|无可奉告|保密|不予评价|不想透露|不愿透露|不愿意说
    """
)

# Nothing to say: an answer to a question that must be answered, none to one that may be.
NOTHING: Final = _table(
    """
    no|none|nope|nothing|nil|n/a|na|nah|nothing to add|nothing else|no feedback|no comments|no suggestions
    no suggestion|nothing really|not really|nothing in particular|nothing at all|no more|that's all|that's it|x|-|--
    ---|.|..|...|/|没有|无|没|没了|没有了|暂无|没什么|没啥|没有意见|没意见|无意见|没有建议|没建议|无建议|不用|不用了
    不了|没有什么|没什么建议|没有什么建议|没什么要说的|没什么想说的|没什么好说的|没啥说的|没有其他的|没有其他|无其他
    不知道说什么|暂时没有|目前没有|没想法|没
    """
)

# Wanting to be left alone, whatever is asked, in words that `answers_alone` does not make out by themselves.
ALONE: Final = _table("do not disturb|fuck off|piss off|bugger off|sod off|勿扰")

# When nothing is asked these say the same; to a question they may be an answer.
PEACE: Final = ALONE | _table(
    """
    don't email me|don't write to me|stop sending me this|stop sending me these|stop sending messages
    stop these messages|no more messages|no more texts|no more emails|unsubscribe me|take me off your list
    remove me from your list|remove me from this list|take me off this list|我要退订|我想退订|帮我退订|怎么退订|如何退订
    """
)

# Refusing to be asked, whatever the question.
DECLINE: Final = _table(
    """
    stop asking|stop asking me|don't ask|don't ask me|dont ask me|no more questions|go away|get lost|shut up|no thanks
    no thank you|no thx|no ty|nope thanks|i don't want to answer|i dont want to answer|don't want to answer
    i won't answer|not answering|i'm not answering|i don't want to talk|i'm not doing this|no surveys|no survey
    i hate surveys|别问了|别问|别再问了|别再问我了|不要问了|不要再问了|不要再问|别问我|别问我了|别烦|烦不烦|烦死了|走开
    滚|滚开|滚蛋|闭嘴|不想参与|不参与|不想参加|不参加|不想评价|不想评|不评|不评价|不想做问卷|不做问卷|不想填|不填|拒绝|拒绝回答
    不用了谢谢|不了谢谢|不用谢谢|不需要谢谢
    """
)

# Refusing too, but also what somebody may write when asked for a comment or for yes or no.
UNWILLING: Final = _table(
    """
    busy|i'm busy|im busy|i am busy|no time|i have no time|i don't have time|not now|not interested
    i'm not interested|i don't want to|don't want to|dont want to|i don't care|dont care|don't care|whatever
    i'm not in the mood|later|maybe later|没空|我没空|没时间|我没时间|在忙|我在忙|很忙|忙|没兴趣|不感兴趣|不想|不要
    不需要|关你什么事|关你屁事|懒得说|懒得评|懒得打|无聊|以后再说|改天|改天再说|下次吧|不想打分|不想给
    """
)
