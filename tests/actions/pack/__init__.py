"""A business's own actions, as the tests need them: good ones, and every way of going wrong."""
